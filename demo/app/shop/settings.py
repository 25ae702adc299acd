"""Settings of the demo's web application: nothing but what a page of prices needs."""

import os

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "demo-fixture-not-a-secret")
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware"]
STATIC_URL = "/static/"

"""The demo's web application answers one question: what does it cost?"""

from django.http import HttpRequest, JsonResponse
from django.urls import path

PRICES = {"apple": 3, "pear": 4, "quince": 7}


def price(_: HttpRequest, fruit: str) -> JsonResponse:
    return JsonResponse({"fruit": fruit, "price": PRICES.get(fruit)})


urlpatterns = [path("price/<str:fruit>", price)]

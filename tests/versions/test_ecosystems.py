import pytest

from graven.versions import ECOSYSTEMS, key


@pytest.mark.parametrize("ecosystem", sorted(ECOSYSTEMS))
def test_each_ecosystem_orders_plain_numbers(ecosystem: str) -> None:
    low, high = key(ecosystem, "1.9.0"), key(ecosystem, "1.10.0")
    assert low is not None and high is not None and low < high


def test_the_release_of_a_distribution_does_not_change_its_order() -> None:
    assert key("Debian:12", "1:2.0-1") == key("Debian", "1:2.0-1")


def test_an_ecosystem_without_an_order_has_no_keys() -> None:
    assert key("Haiku", "1.0") is None
    assert key("", "1.0") is None

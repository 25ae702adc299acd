"""Owns addresses and networks of IP; a name is looked up only by a function of the caller."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import (
    IPv4Network,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
)

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin, operand_error
from graven.rego.values import RegoObject, RegoSet, Value, boolean, from_json, type_name

__all__ = ["BUILTINS"]

Network = IPv4Network | IPv6Network


def _network(text: str) -> Network:
    address, mark, prefix = text.partition("/")
    if not mark or not prefix.isdecimal() or "%" in text or (len(prefix) > 1 and prefix[0] == "0"):
        raise BuiltinError(f"invalid CIDR address: {text}")
    try:
        return ip_network(f"{ip_address(address)}/{prefix}", strict=False)
    except ValueError:
        raise BuiltinError(f"invalid CIDR address: {text}") from None


def _either(text: str) -> Network:
    """Read a network, or an address as a network of one."""
    if "/" in text:
        return _network(text)
    try:
        return ip_network(ip_address(text))
    except ValueError:
        raise BuiltinError(f"not a valid textual representation of an IP address or CIDR: {text}") from None


def _within(part: Network, whole: Network) -> bool:
    if isinstance(part, IPv4Network) and isinstance(whole, IPv4Network):
        return part.subnet_of(whole)
    return isinstance(part, IPv6Network) and isinstance(whole, IPv6Network) and part.subnet_of(whole)


def _contains(whole: str, part: str) -> Value:
    return boolean(_within(_either(part), _network(whole)))


def _intersects(left: str, right: str) -> Value:
    one, two = _network(left), _network(right)
    return boolean(one.version == two.version and one.overlaps(two))


def _expand(context: Context, text: str) -> Value:
    found = _network(text)
    if found.num_addresses > context.max_size:
        raise BuiltinError(f"a network of {found.num_addresses} addresses is too large", halts=True)
    context.charge(found.num_addresses)
    return RegoSet(str(address) for address in found)


def _is_valid(text: str) -> Value:
    try:
        _network(text)
    except BuiltinError:
        return boolean(truth=False)
    return boolean(truth=True)


def _member(value: Value) -> Network:
    """Read what is a network, or an address of IPv4."""
    if value.__class__ is not str:
        raise operand_error(1, "array of strings", f"array containing {type_name(value)}")
    if "/" in value:
        return _network(value)
    try:
        address = ip_address(value)
    except ValueError:
        raise BuiltinError(f"invalid CIDR address: {value}") from None
    if address.version == 6:
        raise BuiltinError("IPv6 invalid: needs prefix length")
    return ip_network(f"{value}/{_class_prefix(address.packed[0])}", strict=False)


def _class_prefix(first: int) -> int:
    """Give the prefix of the class that a first byte of IPv4 had, which is what Go takes for an address alone."""
    return 8 if first < 128 else 16 if first < 192 else 24 if first < 224 else 32


def _merge(values: Value) -> Value:
    found = [_member(value) for value in (values.ordered() if values.__class__ is RegoSet else values)]
    four = [each for each in found if isinstance(each, IPv4Network)]
    six = [each for each in found if isinstance(each, IPv6Network)]
    return RegoSet(str(each) for each in (*collapse_addresses(four), *collapse_addresses(six)))


def _entries(values: Value, position: int) -> Iterator[tuple[Value, Network]]:
    """Give the networks of an operand, each with the key or the value by which a match names it."""
    if values.__class__ is str:
        yield values, _either(values)
        return
    if values.__class__ is RegoObject:
        pairs = values.ordered_items()
    elif values.__class__ is RegoSet:
        pairs = [(item, item) for item in values.ordered()]
    else:
        pairs = list(enumerate(values))
    for key, value in pairs:
        text = value[0] if value.__class__ is tuple and value else value
        if text.__class__ is not str:
            raise BuiltinError(f"operand {position}: element must be string or non-empty array")
        yield key, _either(text)


def _matches(context: Context, left: Value, right: Value) -> Value:
    if not all(each.__class__ is str or each for each in (left, right)):
        return RegoSet()
    ours, theirs = list(_entries(left, 1)), list(_entries(right, 2))
    context.charge(len(ours) * len(theirs))
    return RegoSet((one, two) for one, whole in ours for two, part in theirs if _within(part, whole))


def _lookup(context: Context, name: str) -> Value:
    context.allow(name)
    try:
        return RegoSet([str(ip_address(name))])
    except ValueError:
        pass
    ask = context.host.get("net.lookup_ip_addr")
    if ask is None:
        raise BuiltinError(f"no function was given that looks up {name!r}", halts=True)
    return RegoSet(from_json(ask(name)))


BUILTINS: tuple[Builtin, ...] = (
    builtin("net.cidr_contains", _contains),
    builtin("net.cidr_overlap", _contains),
    builtin("net.cidr_intersects", _intersects),
    builtin("net.cidr_expand", _expand, contextual=True),
    builtin("net.cidr_is_valid", _is_valid),
    builtin("net.cidr_merge", _merge),
    builtin("net.cidr_contains_matches", _matches, contextual=True),
    builtin("net.lookup_ip_addr", _lookup, contextual=True),
)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare: what was said of the farm's servers, beside what their packages are.

usage: compare.py TABLE LINES [NMAP.XML]

TABLE is farm.py's, LINES is `periplus identify --ndjson` or `periplus scan --ndjson` (which counts
no connections), the last `nmap -sV -oX`. A version is
right when it is what the package's version begins with, and wrong when it is anything else; to say
none is neither. Prints one line for each server, then the sums as `name value`."""
import json
import re
import statistics
import sys
import xml.etree.ElementTree as xml


def plain(version):
    return re.sub("[~+]", "-", version or "")


def is_right(version, truth):
    version, truth = plain(version), plain(truth)
    return bool(version) and truth.startswith(version) and not truth[len(version):len(version) + 1].isalnum()


def place(port, transport):
    return f"{port}/udp" if transport == "udp" else str(port)


def main():
    rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8")]
    lines = map(json.loads, open(sys.argv[2], encoding="utf-8"))
    ours = {place(d["server"]["port"], d["network"]["transport"]): d for d in lines if "server" in d}
    theirs = {}
    for port in xml.parse(sys.argv[3]).iter("port") if len(sys.argv) > 3 else ():
        service = port.find("service")
        theirs[place(port.get("portid"), port.get("protocol"))] = {} if service is None else service.attrib
    sums = dict.fromkeys(("products_right", "versions_right", "versions_wrong", "versions_missed"), 0)
    nmap = dict.fromkeys(("services", "products", "versions_right", "versions_wrong"), 0)
    n_asked = 0
    for name, port, products, truth, tells in rows:
        if port not in ours:  # it was not asked
            continue
        n_asked += 1
        p = ours[port]["periplus"]
        service = ours[port].get("service", {}).get("name")
        product, version = p["product"], p["version"]
        right = is_right(version, truth)
        sums["products_right"] += product in products.split(",") or f"{service}:" == products
        sums["versions_right"] += right
        sums["versions_wrong"] += bool(version) and not right
        sums["versions_missed"] += tells == "yes" and not right
        other = theirs.get(port, {})
        # it writes the package's revision behind, and MariaDB's in front
        words = re.sub("^5.5.5-", "", other.get("version", "")).split(" ")[0]
        nmap["services"] += other.get("name", "unknown") != "unknown"
        nmap["products"] += "product" in other
        nmap["versions_right"] += is_right(words, truth) or bool(words) and plain(words).startswith(plain(truth)[:6])
        nmap["versions_wrong"] += bool(words) and not (is_right(words, truth) or plain(words).startswith(plain(truth)[:6]))
        took = f", {p['connections']} connections, {p['took_ms']} ms" if "connections" in p else ""
        print(f"# {name:16} {service} {product} {version} ({truth}){took}",
              *(["| nmap:", other.get("name"), other.get("product"), other.get("version")] if theirs else []))
    print("servers", n_asked)
    for key, value in sums.items():
        print(f"periplus_{key}", value)
    connections = [d["periplus"]["connections"] for d in ours.values() if "connections" in d["periplus"]]
    if connections:
        print("periplus_connections_median", statistics.median(connections))
        print("periplus_connections_most", max(connections))
    for key, value in nmap.items() if theirs else ():
        print(f"nmap_{key}", value)


main()

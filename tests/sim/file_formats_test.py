#!/usr/bin/env python3
"""Reads files that other tools write and compares what we make of them with what the tools hold.

Usage: file_formats_test.py TOOL PROGRAM. TOOL is networkx, igraph, pandas, numpy or csv, which is part of Python;
PROGRAM is file_formats_program. A tool may be in this interpreter or in the system's. Exits with 77, which CTest calls
skipped, if it is in neither.
"""

import csv
import heapq
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile

SKIPPED = 77
INTERPRETERS = [sys.executable, "/usr/bin/python3"]
NAMES = ["Köln", "Saint-Denis \"nord\"", "A & B", "São Paulo, SP", "Tokyo", "node 5", "x<y>", "7018"]
MILLISECONDS = 1_000_000


# ---- what tools write ------------------------------------------------------------------------------------------------

def edges_of(draws, count, directed):
    """A random connected graph: each node is joined to an earlier one, and there are as many more edges."""
    chosen = {}
    for node in range(1, count):
        chosen[(draws.randrange(node), node)] = None
    while len(chosen) < 2 * count:
        a, b = draws.randrange(count), draws.randrange(count)
        if a != b and (directed or (b, a) not in chosen):
            chosen[(a, b)] = None
    if directed:
        for a, b in list(chosen):
            chosen[(b, a)] = None
    return [(a, b, draws.choice([draws.uniform(0.2, 80), draws.randrange(1, 90)]), draws.randrange(1, 10) * 10**6)
            for a, b in chosen]


def graph_case(edges, directed, names, loop=None):
    return {"names": names, "edges": edges, "directed": directed, "loop": loop}


def write_networkx(folder):
    """Yields the name of each file with what it holds."""
    import networkx
    draws = random.Random(17)
    for directed in (False, True):
        edges = edges_of(draws, len(NAMES), directed)
        graph = networkx.DiGraph() if directed else networkx.Graph()
        for name in NAMES:
            graph.add_node(name, population=draws.randrange(10**6), kind="city")
        for a, b, delay, rate in edges:
            graph.add_edge(NAMES[a], NAMES[b], latency=float(delay), rate=rate, comment="über \"x\" & y")
        graph.add_edge(NAMES[2], NAMES[2], latency=0.25, rate=10**6)
        held = graph_case(edges, directed, NAMES, loop=[2, 0.25])
        kind = "directed" if directed else "plain"
        networkx.write_gml(graph, folder / f"{kind}.gml")
        yield f"{kind}.gml", held
        for named in (False, True):
            networkx.write_graphml(graph, folder / f"{kind}-{named}.graphml", named_key_ids=named)
            yield f"{kind}-{named}.graphml", held
        for key in ("links", "edges"):
            try:
                data = networkx.node_link_data(graph, edges=key)
            except TypeError:
                data = networkx.node_link_data(graph, link=key)
            (folder / f"{kind}-{key}.json").write_text(json.dumps(data))
            yield f"{kind}-{key}.json", held
    # Parallel edges, of which the fastest counts, and values with units.
    several = networkx.MultiGraph()
    for a, b, text in ((0, 1, "30 ms"), (0, 1, "12ms"), (1, 2, "900us"), (2, 0, "1 s")):
        several.add_edge(a, b, latency=text, rate="10 Mbit")
    held = graph_case([(0, 1, 30, 10**7), (0, 1, 12, 10**7), (1, 2, 0.9, 10**7), (2, 0, 1000, 10**7)], False, ["0", "1", "2"])
    networkx.write_gml(several, folder / "several.gml")
    networkx.write_graphml(several, folder / "several.graphml")
    (folder / "several.json").write_text(json.dumps(networkx.node_link_data(several)))
    for ending in ("gml", "graphml", "json"):
        yield f"several.{ending}", held
    # Labels that are no text.
    grid = networkx.grid_2d_graph(3, 3)
    for a, b in grid.edges:
        grid.edges[a, b].update(latency=2.5, rate=10**6)
    nodes = list(grid.nodes)
    edges = [(nodes.index(a), nodes.index(b), 2.5, 10**6) for a, b in grid.edges]
    networkx.write_gml(grid, folder / "grid.gml", stringizer=str)
    yield "grid.gml", graph_case(edges, False, list(networkx.read_gml(folder / "grid.gml").nodes))
    (folder / "grid.json").write_text(json.dumps(networkx.node_link_data(grid)))
    yield "grid.json", graph_case(edges, False, [f"{x},{y}" for x, y in nodes])


def write_igraph(folder):
    import igraph
    draws = random.Random(18)
    for directed in (False, True):
        edges = edges_of(draws, 12, directed)
        graph = igraph.Graph(n=12, edges=[(a, b) for a, b, _, _ in edges], directed=directed)
        graph.es["latency"] = [float(delay) for _, _, delay, _ in edges]
        graph.es["rate"] = [rate for _, _, _, rate in edges]
        graph.vs["label"] = [f"site {i} & co" for i in range(12)]
        graph.vs["population"] = [1000 * i for i in range(12)]
        kind = "directed" if directed else "plain"
        held = graph_case(edges, directed, [f"site {i} & co" for i in range(12)])
        for ending in ("gml", "graphml"):
            getattr(graph, f"write_{ending}")(str(folder / f"{kind}.{ending}"))
            yield f"{kind}.{ending}", held


def square(draws, count):
    return [[0 if a == b else round(draws.uniform(0.5, 300), 3) for b in range(count)] for a in range(count)]


def matrix_case(names, delays):
    return {"names": names, "delays": delays}


def write_csv(folder):
    draws = random.Random(19)
    delays = square(draws, len(NAMES))
    titled = [["", *NAMES]] + [[name, *row] for name, row in zip(NAMES, delays)]
    pairs = [["from", "to", "delay"]] + [[a, b, delays[i][j]] for i, a in enumerate(NAMES) for j, b in enumerate(NAMES) if i != j]
    for name, rows in (("square", titled), ("list", pairs)):
        for dialect, how in (("excel", {}), ("excel-tab", {}), ("unix", {}), ("excel", {"delimiter": ";"})):
            text = io.StringIO()
            csv.writer(text, dialect, **how).writerows(rows)
            file = f"{name}-{dialect}{len(how)}.csv"
            (folder / file).write_bytes(text.getvalue().encode())
            yield file, matrix_case(NAMES, delays)
    # Rates, and when hosts were up.
    rates = [(2.0 * i, draws.randrange(1, 50) * 10**5) for i in range(8)]
    hosts = [(f"host {i}", 100 * i + draws.randrange(40), 100 * i + 50 + draws.randrange(40)) for i in range(9)]
    for dialect in ("excel", "excel-tab", "unix"):
        text = io.StringIO()
        csv.writer(text, dialect).writerows([("time", "rate"), *rates])
        (folder / f"{dialect}.rates").write_bytes(text.getvalue().encode())
        yield f"{dialect}.rates", {"rates": rates}
        text = io.StringIO()
        csv.writer(text, dialect).writerows([("host", "from", "to"), *hosts])
        (folder / f"{dialect}.intervals").write_bytes(text.getvalue().encode())
        yield f"{dialect}.intervals", {"hosts": hosts}


def write_pandas(folder):
    import pandas
    delays = square(random.Random(20), len(NAMES))
    frame = pandas.DataFrame(delays, index=NAMES, columns=NAMES)
    frame.to_csv(folder / "square.csv")
    yield "square.csv", matrix_case(NAMES, delays)
    frame.to_csv(folder / "comma.csv", sep=";", decimal=",")
    yield "comma.csv", matrix_case(NAMES, delays)
    flat = frame.rename_axis("from").reset_index().melt("from", var_name="to", value_name="latency (ms)")
    flat[flat["from"] != flat["to"]].to_csv(folder / "list.csv", index=False)
    yield "list.csv", matrix_case(NAMES, delays)


def write_numpy(folder):
    import numpy
    delays = square(random.Random(21), 20)
    numpy.savetxt(folder / "matrix.txt", numpy.array(delays))
    yield "matrix.txt", matrix_case([], delays)
    numpy.savetxt(folder / "commas.txt", numpy.array(delays), delimiter=",", header="delays in ms")
    yield "commas.txt", matrix_case([], delays)


# ---- what we read ----------------------------------------------------------------------------------------------------

def paths(held):
    """The latencies of the shortest paths, in ms (Dijkstra)."""
    beside = [[] for _ in held["names"]]
    for a, b, delay, _ in held["edges"]:
        beside[a].append((b, delay))
        if not held["directed"]:
            beside[b].append((a, delay))
    table = []
    for source in range(len(beside)):
        best = {}
        queue = [(0.0, source)]
        while queue:
            so_far, node = heapq.heappop(queue)
            if node in best:
                continue
            best[node] = so_far
            for other, delay in beside[node]:
                heapq.heappush(queue, (so_far + delay, other))
        table.append([best[node] for node in range(len(beside))])
    return table


def rates_in(held):
    """Bytes in each half second; the last step is as long as the one before it, and then all begins anew."""
    times = [time for time, _ in held["rates"]]
    whole = 2 * times[-1] - times[-2]

    def bits_until(time):
        rounds, rest = divmod(time, whole)
        ends = [*times[1:], whole]
        once = [rate * (min(end, rest) - begin) for (begin, rate), end in zip(held["rates"], ends) if begin < rest]
        return rounds * sum(rate * (end - begin) for (begin, rate), end in zip(held["rates"], ends)) + sum(once)

    return [(bits_until(0.5 * (i + 1)) - bits_until(0.5 * i)) / 8 for i in range(40)]


def near(told, wanted, tolerance):
    return abs(told - wanted) <= tolerance


def check(program, folder, file, held):
    ending = file.rpartition(".")[2]
    kind = {"csv": "csv", "txt": "text", "rates": "rates", "intervals": "intervals"}.get(ending, "graph")
    words = [program, kind, str(folder / file), *(["latency", "rate"] if kind == "graph" else [])]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{file}: {done.stdout}{done.stderr}"
    told = {}
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        told.setdefault(word, []).append(rest)
    if kind == "rates":
        assert all(near(int(one), other, 2) for one, other in zip(told["bytes"], rates_in(held), strict=True)), (file, told)
        return
    if kind == "intervals":
        second = 1_000_000_000
        assert told["up"] == [f"{host} {begin * second} {end * second}" for host, begin, end in held["hosts"]], (file, told)
        return
    assert told.get("site", []) == held["names"], f"{file}: {told.get('site')}"
    delays = held["delays"] if "delays" in held else paths(held)
    assert len(told["delay"]) == len(delays) ** 2, file
    for line in told["delay"]:
        source, target, delay = map(int, line.split())
        if source == target:
            continue
        # Each link's latency is rounded up to nanoseconds.
        wanted = delays[source][target] * MILLISECONDS
        assert near(delay, wanted, len(delays) + 1), (file, held["names"], line, wanted)
    if "edges" not in held:
        return
    links = sorted(tuple(map(int, line.split())) for line in told["link"])
    wanted = sorted((a, b, delay * MILLISECONDS, rate) for a, b, delay, rate in held["edges"])
    ends = lambda link: tuple(link[:2]) if held["directed"] else tuple(sorted(link[:2]))
    in_order = lambda links: sorted((*ends(link), *link[2:]) for link in links)
    loops = {ends(link) for link in links if link[0] == link[1]}
    for link, edge in zip(in_order([one for one in links if ends(one) not in loops]), in_order(wanted), strict=True):
        assert link[:2] == edge[:2] and near(link[2], edge[2], 1) and link[3] == edge[3], (file, link, edge)
    if held["loop"]:
        node, delay = held["loop"]
        assert told["within"] == [f"{node} {round(delay * MILLISECONDS)}"], (file, told.get("within"))


def main():
    tool, where = sys.argv[1:3]
    if where.startswith("--write="):
        folder = pathlib.Path(where.partition("=")[2])
        json.dump(list(globals()[f"write_{tool}"](folder)), (folder / "held").open("w"))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for interpreter in INTERPRETERS:
            found = subprocess.run([interpreter, "-c", f"import {tool}"], capture_output=True, check=False)
            if found.returncode == 0:
                break
        else:
            print(f"Skipped: {tool} is not installed (Debian: python3-{tool}).")
            return SKIPPED
        subprocess.run([interpreter, __file__, tool, f"--write={folder}"], check=True)
        files = json.load((folder / "held").open())
        assert files
        for file, held in files:
            check(where, folder, file, held)
        print(f"{len(files)} files of {tool}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

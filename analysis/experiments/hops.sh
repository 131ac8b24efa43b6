#!/bin/sh
# Hops of a lookup against the size of the ring, from a hundred nodes to a million; one seed for the largest. By fingers
# alone, with the successor list as further fingers (the default), and the latter over sockets.
. "$(dirname "$0")/experiment.sh"

options='--set duration=12s --metric lookup.done.hops.mean'
lookups='workload=[{rate: 200/s, until: 9s, do: "lookup {key}"}]'
for fingers in true false; do
  successors="groups.nodes.options={successor_list_as_fingers: $fingers}"
  sweep "hops-$fingers" ring-steady --seeds 1..5 --param nodes=100,1000,10000,100000 $options --set "$lookups" \
    --set "$successors"
  sweep "hops-$fingers-million" ring-steady --seeds 1 --param nodes=1000000 $options --set "$lookups" \
    --set "$successors"
done
for nodes in 100 200 400; do
  over_sockets "hops-sockets-$nodes" ring-steady --set nodes=$nodes --set duration=12s --set "$lookups"
done
draw hops 'fingers alone=hops-false' 'fingers alone=hops-false-million' 'and 8 successors=hops-true' \
  'and 8 successors=hops-true-million' sockets=hops-sockets-100 sockets=hops-sockets-200 \
  sockets=hops-sockets-400 --metric lookup.done.hops.mean --x nodes --log x --theory '½ log₂ N + 0.86=0.5*log2(x)+0.86' \
  --theory '1 + ½ log₂ (N/8)=1+0.5*log2(x/8)' --x-title 'nodes N' --y-title 'hops of a lookup'
took

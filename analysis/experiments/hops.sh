#!/bin/sh
# Hops per lookup against the size of the ring, from a hundred nodes to a million: with fingers only, with the successor
# list as additional fingers (the default; one seed at a million), and the latter over sockets.
. "$(dirname "$0")/experiment.sh"

# hops FOLDER SEEDS NODES SUCCESSORS_AS_FINGERS
hops() {
  sweep "$1" ring-steady --seeds "$2" --param "nodes=$3" --set "groups.nodes.options={successor_list_as_fingers: $4}" \
    --set duration=12s --set "$lookups" --metric lookup.done.hops.mean
}
lookups='workload=[{rate: 200/s, until: 9s, do: "lookup {key}"}]'
hops hops-true 1..5 100,1000,10000,100000 true
hops hops-true-million 1 1000000 true
hops hops-false 1..5 100,1000,10000,100000 false
sockets=
for nodes in 100 200 400; do
  over_sockets "hops-sockets-$nodes" ring-steady --set nodes=$nodes --set duration=12s --set "$lookups"
  sockets="$sockets sockets=hops-sockets-$nodes"
done
draw hops 'fingers alone=hops-false' 'and 8 successors=hops-true' 'and 8 successors=hops-true-million' $sockets \
  --metric lookup.done.hops.mean --x nodes --log x --theory '½ log₂ N + 0.86=0.5*log2(x)+0.86' \
  --theory '1 + ½ log₂ (N/8)=1+0.5*log2(x/8)' --x-title 'nodes N' --y-title 'hops of a lookup'
took

#!/bin/sh
# What lookups of a ring and of Kademlia cost under the same churn in the same network (after Li, Stribling, Morris,
# Kaashoek and Gil, INFOCOM 2005): latency against the bytes that a running node sends in a second, for many settings of
# each. 400 nodes in the world's cities are up and down for half an hour on average, and do a lookup each second.
. "$(dirname "$0")/experiment.sh"

# overlay PROTOCOL OPTIONS PARAMETERS ARGUMENT...: PARAMETERS are those that OPTIONS use, with any values.
overlay() {
  protocol=$1 options=$2 parameters=$3
  shift 3
  sweep "overlays-$protocol" ring-steady --seeds 1..20 --set "parameters={$parameters}" --set duration=40min \
    --set measure_from=10min --set 'network={latency: cities, jitter: {exponential: 3ms}}' \
    --set "groups.nodes={protocol: $protocol, count: 400, options: {$options}}" \
    --set 'workload=[{rate: 1/s, from: 10min, until: 39min, do: "lookup {key}"}]' \
    --set 'churn=[{nodes: nodes, session: {exponential: 30min}, down: {exponential: 30min}, begin: equilibrium}]' \
    --set 'checks={every: 1min}' --metric lookup.done.latency.mean --metric lookup.done.correct.share \
    --metric messages.bytes_per_node_second "$@"
}

overlay ring 'stabilize_period: $stabilize, check_predecessor_period: $stabilize, fix_finger_period: $fix, hedge_after: $hedge' \
  'stabilize: 5s, fix: 10s, hedge: 0s' --param stabilize=2500ms,5s,10s,20s,40s,80s --param fix=10s,60s --param hedge=0s,100ms
overlay kademlia 'bucket_size: $k, concurrency: $alpha, resiliency: $answers, refresh_period: $refresh' \
  'k: 20, alpha: 4, answers: 3, refresh: 1h' --param k=8,20 --param alpha=4,6,8 --param answers=1,3 --param refresh=2min,10min,1h
figure=cost
draw overlays ring=overlays-ring Kademlia=overlays-kademlia --metric lookup.done.latency.mean \
  --x messages.bytes_per_node_second --x-title 'bytes sent by a node in a second' --y-title 'latency of a lookup'
"$peerbed" plot ring="$kept/overlays-ring" Kademlia="$kept/overlays-kademlia" --figure cost \
  --metric lookup.done.latency.mean --x messages.bytes_per_node_second --as markdown
took

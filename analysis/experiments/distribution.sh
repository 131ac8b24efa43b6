#!/bin/sh
# How long 512 MiB take to reach all of n peers from one source; each peer gives 10 MB/s. One seed for n = 1,000.
. "$(dirname "$0")/experiment.sh"

sweep distribution swarm-distribution --seeds 1..5 --param downloaders=1,2,4,8,32,128 --metric distribution_seconds \
  --metric efficiency
sweep distribution-thousand swarm-distribution --seeds 1 --param downloaders=1000 --metric distribution_seconds \
  --metric efficiency
sockets=
for peers in 1 2 4 8; do
  over_sockets "distribution-sockets-$peers" swarm-distribution --set downloaders=$peers --set duration=90s
  sockets="$sockets sockets=distribution-sockets-$peers"
done
draw distribution simulated=distribution simulated=distribution-thousand $sockets --metric distribution_seconds \
  --x downloaders --log x --theory 'bound=bound_seconds' --x-title 'peers n' --y-title 'time until all have 512 MiB'
took

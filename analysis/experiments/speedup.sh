#!/bin/sh
# Speed-up against the number of sources: 64 MiB from K sources of 10 MB/s at once. Compares the swarm with equal
# fragments, over links that lose one packet in a thousand and over lossless links, and the swarm over sockets.
. "$(dirname "$0")/experiment.sh"

for division in swarming fragment; do
  sweep "speedup-$division" swarm-speedup --seeds 1..10 --param sources=1,2,4,8,16 --set size=64MiB \
    --set division=$division --set network.loss=0.1% --metric speedup
done
sweep speedup-lossless swarm-speedup --seeds 1..10 --param sources=1,2,4,8,16 --set size=64MiB --metric speedup
sockets=
for sources in 1 2 4 8 16; do
  for run in 1 2 3; do
    over_sockets "speedup-sockets-$sources-$run" swarm-speedup --set sources=$sources --set size=64MiB \
      --set duration=$((6 + 10 / sources))s --set workload.0.at=2s
    sockets="$sockets sockets=speedup-sockets-$sources-$run"
  done
done
draw speedup 'no loss=speedup-lossless' $sockets '0.1 % loss=speedup-swarming' 'fragments, 0.1 % loss=speedup-fragment' \
  --metric speedup --x sources --log xy --theory 'bound=x' --x-title 'sources K' --y-title 'speed-up over one source'
took

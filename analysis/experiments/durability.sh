#!/bin/sh
# Values lost within 25 minutes against the number of their holders: 100 nodes crash after 5 minutes on average,
# and a crash wipes the disk. Theory: a value is lost when all other holders crash within one longest repair, 30 s
# until the next check plus 10 s to notice the crash of any of them.
. "$(dirname "$0")/experiment.sh"

sweep durability ring-storage-churn --seeds 1..20 --set 'parameters={nodes: 100, holders: 3}' --param holders=1,2,3,4,5,6,8 \
  --set 'groups.nodes.options={replicas: $holders}' --set 'workload=[{every: 200ms, times: 1000, do: "put file-{number} {text:100}"}]' \
  --set 'churn=[{nodes: nodes, session: {exponential: 5min}, down: {exponential: 1min}, disk: wipe, from: 4min, until: 29min}]' \
  --metric ring.lost_values.share
draw durability simulated=durability --metric ring.lost_values.share --log y \
  --theory 'repair in 40 s=1-exp(-1500/300*x*(1-exp(-40/300))^(x-1))' --x-title 'holders of each value' \
  --y-title 'values lost in 25 minutes'
took

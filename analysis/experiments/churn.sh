#!/bin/sh
# The share of successful lookups, and for how long a first successor is wrong, against session length. 500 nodes crash
# after exponential sessions; a half-life, in which half of the nodes are replaced, is 0.69 of the mean session.
. "$(dirname "$0")/experiment.sh"

sweep churn ring-steady --seeds 1..10 --param session=1min,2min,4min,8min,16min,32min --set 'parameters={nodes: 500, session: 8min}' \
  --set duration=10min --set 'workload=[{rate: 20/s, from: 1min, until: 9min, do: "lookup {key}"}]' \
  --set 'churn=[{nodes: nodes, session: {exponential: $session}, down: {exponential: 30s}, begin: equilibrium}]' \
  --set 'checks={every: 5s}' --metric lookup.done.success.share --metric ring.wrong_first_successors.share
draw churn-lookups churn --metric lookup.done.success.share --log x --x-title 'mean session = 1.44 half-lives' \
  --y-title 'lookups that succeed'
draw churn-repair simulated=churn --metric ring.wrong_first_successors.share --transform 'y*x/2' --log x \
  --theory 'theory=(2.5+7.5+2.5)/2' \
  --x-title 'mean session = 1.44 half-lives' --y-title 'time for which a first successor is wrong (s)'
took

# Shared by all experiments, which source this file. Runs are kept under build/experiments: an interrupted experiment
# continues, and a finished one only draws its picture again. PEERBED names another program.

set -eu
peerbed=${PEERBED:-build/release/peerbed}
kept=build/experiments
pictures=docs/pictures
mkdir -p "$kept" "$pictures"
begun=$(date +%s)

# sweep FOLDER ARGUMENT...: drops the scenario's expectations, which hold only for its own size.
sweep() {
  folder=$kept/$1
  shift
  "$peerbed" sweep "$@" --set 'expect=[violations >= 0]' --resume -o "$folder"
}

# over_sockets FOLDER ARGUMENT...: one run in real time, unless it exists already.
over_sockets() {
  folder=$kept/$1
  shift
  [ -e "$folder/summary.json" ] ||
    "$peerbed" run "$@" --on sockets --in-process --set 'expect=[violations >= 0]' --out "$folder" --force >/dev/null
}

# draw PICTURE ARGUMENT...: the figure is a curve, unless $figure names another.
draw() {
  picture=$pictures/$1.svg
  shift
  (cd "$kept" && "$program" plot "$@" --figure "${figure:-curve}" --force -o "$root/$picture")
  echo "drawn: $picture"
}

root=$(pwd)
case $peerbed in /*) program=$peerbed ;; *) program=$root/$peerbed ;; esac
# The second line of `times` is the CPU time of this shell's children.
took() {
  times >"$kept/times"
  echo "took $(($(date +%s) - begun)) s; of the processor, in programs and in the kernel: $(tail -n 1 "$kept/times")"
}

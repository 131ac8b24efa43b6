# The README's commands. Each installs what it needs (Debian packages, see packages.txt) and builds under build/.

JOBS ?= $(shell nproc)
SCENARIO ?= scenarios/ring-weibull-churn.yaml
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600
KILLS ?= 200
HUNT_SECONDS ?= 600
EXPERIMENTS = speedup distribution hops churn durability overlays
PREFIX ?= /usr/local

# Results go to stdout; build progress goes to stderr.
CONFIGURE = .ci/quietly cmake --preset
BUILD = cmake --build --parallel $(JOBS) >&2 --preset
TEST = ctest --parallel $(JOBS) --preset

.DEFAULT_GOAL := help
.PHONY: help
help:
	@echo 'make run           build, and run $(SCENARIO) (SCENARIO= for another)'
	@echo 'make test          build, and run the tests'
	@echo 'make build         build the program: build/release/peerbed'
	@echo 'make report-page   build the program with the HTML page of `peerbed report` (Node.js, npm)'
	@echo 'make page-test     test that page in a real browser'
	@echo 'make bench         build, and run the benchmarks'
	@echo 'make bench-peers   compare transfers from one source and from k with curl, nginx, aria2 and libtorrent'
	@echo 'make bench-dht     compare a ring of 42 nodes with OpenDHT'
	@echo 'make experiments   run those of docs/experiments.md, or one of them: make experiment-speedup'
	@echo 'make soak          kill and restart processes of rings and a swarm for SOAK_SECONDS=$(SOAK_SECONDS)'
	@echo 'make kills         test the guarantees for files with KILLS=$(KILLS) kills each'
	@echo 'make hunt          search small scenarios for failing schedules for HUNT_SECONDS=$(HUNT_SECONDS)'
	@echo 'make variations    run variations of larger scenarios with new seeds for HUNT_SECONDS=$(HUNT_SECONDS)'
	@echo 'make planted-faults  plant faults in copies of ring and swarm, and see that exhaustive checks find them'
	@echo 'make clang         run the tests, built by Clang'
	@echo 'make sanitize      run the tests under AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make tsan          run the tests of what has threads under ThreadSanitizer'
	@echo 'make fuzz          run each fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'make nightly       run the long tests'
	@echo 'make kernel-tcp    compare streams with the kernel'"'"'s TCP, over network namespaces'
	@echo 'make segments      compare downloads in segments of 64 KiB with single packets'
	@echo 'make rooms         draw docs/rooms.svg, the picture of the source tree'
	@echo 'make check-format  check the format of every file; make format fixes it'
	@echo 'make tidy          run clang-tidy'
	@echo 'make package       build the Debian packages peerbed and peerbed-dev: build/release/*.deb'
	@echo 'make package-test  install peerbed in a fresh Debian 12, try it there, and remove it (root)'
	@echo 'make install       install under PREFIX=$(PREFIX)'
	@echo 'make clean         remove build/'

.PHONY: build run
build:
	@.ci/install-packages build
	@$(CONFIGURE) release -DPEERBED_BUILD_TESTS=OFF -DPEERBED_BUILD_BENCHMARKS=OFF
	@$(BUILD) release

run: build
	@build/release/peerbed run $(SCENARIO)

.PHONY: test clang sanitize tsan nightly
test:
	@.ci/install-packages build test format
	@$(CONFIGURE) release -DPEERBED_BUILD_TESTS=ON -DPEERBED_BUILD_BENCHMARKS=OFF
	@$(BUILD) release
	@$(TEST) release

clang:
	@.ci/install-packages build test format
	@$(CONFIGURE) clang
	@$(BUILD) clang
	@$(TEST) clang

sanitize:
	@.ci/install-packages build test format
	@$(CONFIGURE) sanitize
	@$(BUILD) sanitize
	@$(TEST) sanitize

tsan:
	@.ci/install-packages build test
	@$(CONFIGURE) tsan
	@$(BUILD) tsan
	@$(TEST) tsan

nightly:
	@.ci/install-packages build test format
	@$(CONFIGURE) release -DPEERBED_BUILD_TESTS=ON
	@$(BUILD) release
	@$(TEST) nightly

# Debian's npm is 360 packages, so other targets do not install it: they build the page only if npm is already installed.
.PHONY: report-page page-test
report-page:
	@.ci/install-packages build report
	@$(CONFIGURE) release -DPEERBED_BUILD_TESTS=OFF -DPEERBED_REPORT=ON
	@$(BUILD) release

page-test:
	@.ci/install-packages build report page test
	@$(CONFIGURE) release -DPEERBED_BUILD_TESTS=ON -DPEERBED_REPORT=ON
	@$(BUILD) release --target report_page
	@$(TEST) release --tests-regex '^page/'

.PHONY: fuzz benchmarks bench
fuzz:
	@.ci/install-packages build fuzz
	@$(CONFIGURE) fuzz
	@$(BUILD) fuzz
	@tests/fuzz/run build/fuzz $(FUZZ_SECONDS) $(JOBS)

benchmarks:
	@.ci/install-packages build
	@$(CONFIGURE) release -DPEERBED_BUILD_TESTS=OFF -DPEERBED_BUILD_BENCHMARKS=ON
	@$(BUILD) release

bench: benchmarks
	@build/release/bench_event_queue
	@build/release/bench_event_trace
	@build/release/bench_check
	@for hosts in 100 1000; do build/release/bench_streams $$hosts 20 || exit 1; done
	@for profile in plain chord; do \
	  for nodes in 1000 10000; do build/release/bench_chord $$nodes 1000 $$profile || exit 1; done; done
	@build/release/bench_sockets swarm 1024 && build/release/bench_sockets ring 64 3

# Compares with other programs, if they are installed: nginx curl aria2 python3-libtorrent libopendht-dev.
.PHONY: bench-peers bench-dht
bench-peers: build
	@tests/benchmarks/peers/compare.py build/release/peerbed

bench-dht: benchmarks
	@cmake --build build/release --target dht_nodes >&2
	@tests/benchmarks/dht/compare.py build/release/ring_nodes build/release/opendht_nodes

.PHONY: experiments $(EXPERIMENTS:%=experiment-%)
experiments: $(EXPERIMENTS:%=experiment-%)

$(EXPERIMENTS:%=experiment-%): experiment-%: build
	@analysis/experiments/$*.sh

.PHONY: soak
soak: build
	@tests/soak/soak.py build/release/peerbed --seconds $(SOAK_SECONDS)

.PHONY: kills
kills: build
	@tests/soak/kills.py build/release/peerbed --kills $(KILLS)

# Both draw new seeds each time, and print each finding as a command that reproduces it.
.PHONY: hunt variations
hunt: build
	@tests/hunt/hunt.py build/release/peerbed --seconds $(HUNT_SECONDS) --jobs $(JOBS)

variations: build
	@tests/hunt/variations.py build/release/peerbed --seconds $(HUNT_SECONDS) --jobs $(JOBS)

.PHONY: planted-faults
planted-faults:
	@.ci/install-packages build test
	@tests/check/faults/measure.py build/faults

.PHONY: kernel-tcp
kernel-tcp:
	@.ci/install-packages build test
	@$(CONFIGURE) release -DPEERBED_BUILD_TESTS=ON
	@$(BUILD) release --target simulated_transfer
	@tests/kernel_tcp/compare.py build/release/simulated_transfer

.PHONY: segments
segments: build
	@tests/segments/compare.py build/release/peerbed scenarios/swarm-*.yaml

.PHONY: rooms
rooms:
	@python3 tests/house/rooms.py --draw docs/rooms.svg

.PHONY: check-format format tidy
check-format:
	@.ci/install-packages format
	@tests/house/check_format && echo 'Every file is formatted.'

format:
	@.ci/install-packages format
	@tests/house/check_format -i

tidy:
	@.ci/install-packages build test tidy
	@$(CONFIGURE) clang
	@find protocols host sim adapter check analysis scenarios app -name '*.cpp' | xargs -n 1 -P $(JOBS) clang-tidy -p build/clang --quiet

.PHONY: package package-test
package: build
	@.ci/install-packages package
	@.ci/quietly cmake --build --preset release --target package
	@ls build/release/*.deb

package-test: package
	@.ci/install-packages root
	@tests/package/fresh_root.py build/release/peerbed_*.deb

.PHONY: install clean
install: build
	@cmake --install build/release --prefix $(PREFIX)

clean:
	@rm -rf build

# A thin front for CMake: make, make demo, make check, make install.
# Each installs missing Debian packages where it may, else names them.
JOBS := $(shell nproc)
# Tests mostly wait, for tasks that sleep or for processes that end.
TEST_JOBS := $(shell expr $(JOBS) + 1)
MAKEFLAGS += --no-print-directory

.PHONY: all build demo evaluate-recommend evaluate-recommend-real evaluate-aa check check-kills check-large check-release check-asan check-tsan check-mpich check-models bench-peers coverage fuzz soak package check-package install clean

all: build

build:
	@cmake/packages.sh build
	@cmake --preset release -DCF_TESTS=OFF >/dev/null
	@cmake --build --preset release -j $(JOBS)

# The main job on real input: the GIL-free scaling comparison.
demo: build
	@bench/demo.sh build/cfbench

# What the advice is worth: 2880 recommendations on curves that are known, and
# as many with samples of a busy machine.
evaluate-recommend:
	@cmake/packages.sh check
	@cmake --preset release -DCF_TESTS=ON >/dev/null
	@cmake --build --preset release -j $(JOBS) --target evaluate_recommend
	@build/tests/advice/evaluate_recommend

# The same where it really measures: an hour and more in all, in parts of
# EVALUATE_SECONDS that go on where the last one ended.
EVALUATE_SECONDS ?= 36000
evaluate-recommend-real: build
	@python3 tests/advice/evaluate_real.py build/cfbench \
		-o results/local/evaluate-real.jsonl --seconds $(EVALUATE_SECONDS)

# What verdicts are worth on this machine: false alarms and power, some 20
# minutes; with EVALUATE_AA_TIME in parts that go on where the last one ended.
EVALUATE_AA_TIME ?= 2h
evaluate-aa: build
	@tests/bench/evaluate_aa.sh build/cfbench results/local/evaluate-aa.log \
		$(EVALUATE_AA_TIME)

# The gallery, its pictures and the README's, from results/reference/.
figures: build
	@plots/gallery.sh build/cfbench

# Every test, and every test again under the address and thread sanitizers.
check: check-release check-asan check-tsan

check-release check-asan check-tsan: check-%:
	@cmake/packages.sh check
	@cmake --preset $* -DCF_TESTS=ON -DCF_WERROR=ON >/dev/null
	@cmake --build --preset $* -j $(JOBS)
	@ctest --preset $* -j $(TEST_JOBS) --no-tests=error

# What tests reach of core/ and bench/record, file by file: lines and branches.
COVERING = ^(core|record|advice|plots\.findings|bench\.(cli\.)?(formats|exports|imports|compare|fit))
coverage:
	@cmake/packages.sh coverage
	@cmake --preset coverage -DCF_TESTS=ON >/dev/null
	@cmake --build --preset coverage -j $(JOBS)
	@find build/coverage -name '*.gcda' -delete
	@ctest --test-dir build/coverage -R '$(COVERING)' -E 'mpi|soak' -j $(TEST_JOBS) \
		--no-tests=error
	@cmake/coverage.sh build/coverage

# Plot and report of 200 cases with 10^6 samples: within 1 GB, and 20 s each.
check-large:
	@cmake/packages.sh check
	@cmake --preset release -DCF_TESTS=ON >/dev/null
	@cmake --build --preset release -j $(JOBS) --target cfbench plots_write_large
	@tests/plots/large.sh build/tests/plots/plots_write_large build/cfbench 1000000 20

# What make check asks of Open MPI's ranks, asked of MPICH's.
check-mpich:
	@cmake/packages.sh mpich
	@cmake --preset release -DCF_TESTS=ON -DCF_WERROR=ON >/dev/null
	@cmake --build --preset release -j $(JOBS) --target cf_module_mpi-mpich \
		conformance mpi_ranks mpi_levels-mpich
	@ctest --preset release -C mpich -R '^core\.mpich\.' --no-tests=error

# Bytes that nobody vouches for, by libFuzzer under the address sanitizer:
# result files, other tools' files, command lines; so long each.
FUZZ_SECONDS ?= 600
fuzz:
	@cmake/packages.sh fuzz
	@cmake --preset fuzz -DCF_TESTS=ON >/dev/null
	@cmake --build --preset fuzz -j $(JOBS) --target fuzz_record fuzz_import \
		fuzz_options record_write_example cfbench
	@for target in record import options; do \
		tests/fuzz/fuzz.sh build/fuzz $$target -s $(FUZZ_SECONDS) || exit 1; \
	done

# Ten thousand workers killed under load, with CI: two minutes.
check-kills:
	@cmake/packages.sh check
	@cmake --preset release -DCF_TESTS=ON -DCF_WERROR=ON >/dev/null
	@cmake --build --preset release -j $(JOBS) --target process_kills
	@ctest --preset release -C kills -R '^core\.process\.kills_by' --no-tests=error

# The protocols that everything stands on, searched completely: some minutes.
check-models:
	@tests/models/run.sh

# Long runs that lose nothing: 10^9 tasks on threads, 10^8 through processes;
# and how far it goes: futures at once, nested submits, pulled items, executors.
SOAK_THREAD ?= 1000000000
SOAK_PROCESS ?= 100000000
# Worker processes killed under load, tasks ended just when they end, and seeds
# of schedules with deaths.
SOAK_KILLS ?= 100000
SOAK_RACES ?= 50000
SOAK_SEEDS ?= 1000
soak:
	@cmake/packages.sh check
	@cmake --preset release -DCF_TESTS=ON >/dev/null
	@cmake --build --preset release -j $(JOBS) --target soak_tasks soak_limits soak_hosts \
		process_kills process_ladder process_chaos process_steps
	@build/tests/soak/soak_tasks thread $(SOAK_THREAD)
	@build/tests/soak/soak_tasks process $(SOAK_PROCESS)
	@build/tests/soak/soak_limits thread outstanding 1000000
	@build/tests/soak/soak_limits thread nested 100000
	@build/tests/soak/soak_limits thread pulled 100000000
	@build/tests/soak/soak_limits thread cycles 100000
	@build/tests/soak/soak_limits process cycles 10000
	@build/tests/soak/soak_hosts 1000
	@build/tests/core/process_kills $(SOAK_KILLS)
	@build/tests/core/process_ladder $(SOAK_RACES)
	@build/tests/core/process_chaos 1 $(SOAK_SEEDS)
	@build/tests/core/process_steps 1

# libcf beside its peers, interleaved: docs/performance.md. Some eight
# minutes.
bench-peers:
	@cmake/packages.sh build
	@cmake --preset release >/dev/null
	@cmake --build --preset release -j $(JOBS) --target peers
	@python3 bench/peers/run.py --drivers build/bench/peers \
		-o results/local/peers.json $(PEERS_FLAGS)
	@python3 bench/peers/mpi.py build/bench/peers/mpi_libcf

# build/package/*.deb: libcf0, libcf-dev and cfbench.
package:
	@cmake/packages.sh package
	@cmake --preset package >/dev/null
	@cmake --build --preset package -j $(JOBS)
	@rm -f build/package/*.deb
	@cmake --build --preset package --target package >/dev/null
	@ls build/package/*.deb

# They install, work and leave nothing behind in a clean Debian; as root.
check-package: package
	@tests/package/clean_root.sh build/package

install: build
	@cmake --install build

clean:
	@rm -rf build

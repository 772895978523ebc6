# vramsweep: one file, no recursion. `make help` lists the targets.
#
#   VARIANT = release (default) | debug | asan | tsan | cov | fuzz     objects in build/$(VARIANT)/
#   CC      = gcc (default) | clang
#   MPI=1   builds vramsweep-mpi for runs on several machines (docs/cluster.md), in build/$(VARIANT)-mpi/
#   V=1     shows the commands

VARIANT ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX  ?= /usr/local
DESTDIR ?=
MPI     ?=
B       := build/$(VARIANT)$(if $(MPI),-mpi)
VERSION := 0.1.0
QUIET   := $(if $(V),,@)

# ---- flags --------------------------------------------------------------------------------------------------------
# -ffp-contract=off: every build rounds alike, so results are the same bits for each compiler and instruction set.
# CFLAGS, CPPFLAGS and LDFLAGS of the caller are added; ours stand last, so that nothing can undo them.
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
            -Wno-missing-field-initializers -Werror
# $(call taken,FLAGS): those of the flags that the compiler takes. docs/hardening.md says what they are for.
taken    = $(foreach f,$(1),$(shell $(CC) -Werror $(f) -c -x c -o /dev/null /dev/null 2>/dev/null && echo '$(f)'))
FORTIFY  := $(if $(shell printf '%s\n' '\#include <features.h>' | $(CC) -O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
            -E -x c -o /dev/null - 2>/dev/null && echo 3),3,2)
HARDEN   := -fPIE -fstack-protector-strong $(call taken,-fstack-clash-protection -fcf-protection=full) \
            -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(FORTIFY)
HARDLINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code
SANITIZE := -fno-sanitize-recover=all -fno-omit-frame-pointer
LDLIBS   := -lxlsxwriter -lcsv -lyaml -ljansson -lz -lzstd -lnettle -lm

OPT_release := -O2 $(HARDEN)
OPT_debug   := -O0
OPT_asan    := -O1 -fsanitize=address,undefined $(SANITIZE)
OPT_tsan    := -O1 -fsanitize=thread $(SANITIZE)
OPT_cov     := -O0 --coverage -fprofile-update=atomic
OPT_fuzz    := -O2 -fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow $(SANITIZE) -Wno-pass-failed
ifndef OPT_$(VARIANT)
$(error VARIANT=$(VARIANT): expected release, debug, asan, tsan, cov or fuzz)
endif

# Open MPI's own compiler command says where its headers and library are; only one file needs them.
ifneq ($(MPI),)
MPI_CFLAGS := $(shell mpicc --showme:compile 2>/dev/null)
LDLIBS     += $(shell mpicc --showme:link 2>/dev/null)
endif
MPI_DEPS   := libopenmpi-dev openmpi-bin

COMPILE := $(CC) $(OPT_$(VARIANT)) $(CPPFLAGS) $(CFLAGS) -std=c11 -D_GNU_SOURCE -DVRAMSWEEP_VERSION='"$(VERSION)"' \
           -I. $(WARN) -g '-ffile-prefix-map=$(CURDIR)=.' -fopenmp -ffp-contract=off
LINK    := $(CC) $(OPT_$(VARIANT)) $(CFLAGS) $(LDFLAGS) -fopenmp $(if $(filter release,$(VARIANT)),$(HARDLINK))

# Kernels: each x.kern.c is compiled once per instruction set, with -O3 but in coverage and debug builds.
ISAS       := $(if $(filter x86_64,$(shell uname -m)),base avx2 avx512,base)
ISA_base   :=
ISA_avx2   := -mavx2 -mfma
ISA_avx512 := -mavx512f -mavx512dq -mavx512vl -mavx512bw -mprefer-vector-width=512
KERNEL_OPT := $(if $(filter release asan tsan,$(VARIANT)),-O3)

# ---- files --------------------------------------------------------------------------------------------------------
KERNELS  := $(sort $(wildcard kernels/*/*.kern.c))
NOT_BUILT := sweep/ranks_$(if $(MPI),one,mpi).c
SOURCES  := $(sort $(filter-out $(KERNELS) sweep/main.c $(NOT_BUILT),$(wildcard common/*.c kernels/*.c kernels/*/*.c report/*.c sweep/*.c)))
OBJECTS  := $(SOURCES:%.c=$(B)/%.o) $(foreach i,$(ISAS),$(KERNELS:%.kern.c=$(B)/%.$(i).o))
LIBRARY  := $(B)/libvramsweep.a
PROGRAM  := $(if $(filter release,$(VARIANT)),,$(B)/)vramsweep$(if $(MPI),-mpi)
TESTS    := $(wildcard tests/unit/*.c)
RUNNER   := $(B)/tests/unit/run
FUZZ_O   := $(patsubst %.c,$(B)/%.o,$(filter-out tests/fuzz/libfuzzer.c tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
REPLAY   := $(B)/tests/fuzz/replay
FUZZER   := $(B)/tests/fuzz/fuzzer
PEAK     := bench/peak.kern.c
BENCHES  := $(filter-out $(PEAK),$(wildcard bench/*.c))
BENCH_O  := $(BENCHES:%.c=$(B)/%.o) $(foreach i,$(ISAS),$(PEAK:%.kern.c=$(B)/%.$(i).o))
BENCH    := $(B)/bench/run
PEERS_O  := $(patsubst %.c,$(B)/%.o,$(wildcard bench/peers/*.c)) $(filter-out $(B)/bench/main.o,$(BENCH_O))
PEERS    := $(B)/bench/peers/ours
BOOKS    := $(B)/tests/book/books
BOOKS_O  := $(patsubst %.c,$(B)/%.o,$(wildcard tests/book/*.c))
ALL_C    := $(wildcard common/*.[ch] kernels/*.[ch] kernels/*/*.[ch] report/*.[ch] sweep/*.[ch] tests/unit/*.[ch] tests/fault/*.c tests/fuzz/*.[ch] tests/book/*.[ch] bench/*.[ch] bench/peers/*.[ch])

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

.PHONY: all
all: $(PROGRAM) ## build the program

# What is built is built again when the compiler, the flags or the list of objects changes: the texts of these stamps.
STAMP_flags   := $(COMPILE) $(KERNEL_OPT) $(foreach i,$(ISAS),$(ISA_$(i)))
STAMP_objects := $(LINK) $(LDLIBS) $(OBJECTS) $(TESTS)
$(B)/flags $(B)/objects: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(STAMP_$(@F)))' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE
FORCE:

# Which sources a program was built from: what another program wrote is made anew.
$(B)/sources: FORCE
	@mkdir -p $(@D)
	@cat $(sort $(filter common/% kernels/% report/% sweep/%,$(ALL_C)) $(wildcard */*.def */*/*.def)) | sha256sum | cut -c1-64 >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(B)/sweep/build_id.o: sweep/build_id.c $(B)/flags $(B)/sources
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(QUIET)$(COMPILE) -DVRAMSWEEP_SOURCES="\"$$(cat $(B)/sources)\"" -MMD -MP -c -o $@ $<

# $(call say,CC,file): one short line per step, unless V=1 shows the commands.
say = $(if $(V),,@printf '  %-5s %s\n' $(1) '$(2)')

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(QUIET)$(COMPILE) -MMD -MP -c -o $@ $<

# Comparisons of numbers that no reader sees: told to the fuzzer they would only slow it down.
ifeq ($(VARIANT),fuzz)
$(B)/kernels/%.o $(B)/common/suggest.o: private COMPILE += -fno-sanitize-coverage=trace-cmp
endif

$(B)/sweep/ranks_mpi.o: private COMPILE += $(MPI_CFLAGS)

define isa-rule
$$(B)/%.$(1).o: %.kern.c $$(B)/flags
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1)))
	$$(QUIET)$$(COMPILE) $$(KERNEL_OPT) $$(ISA_$(1)) -DKERN_ISA=$(1) -MMD -MP -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call isa-rule,$(i))))

$(LIBRARY): $(OBJECTS) $(B)/objects
	$(call say,AR,$@)
	$(QUIET)rm -f $@ && ar rcsD $@ $(OBJECTS)

$(PROGRAM): $(B)/sweep/main.o $(LIBRARY)
	$(call say,LINK,$@)
	$(QUIET)$(LINK) -o $@ $^ $(LDLIBS)

$(RUNNER): $(TESTS:%.c=$(B)/%.o) $(LIBRARY)
	$(call say,LINK,$@)
	$(QUIET)$(LINK) -o $@ $^ -lcunit $(LDLIBS)

# Inputs of the fuzz targets: fed by a plain program, and by libFuzzer (clang).
$(FUZZER): $(B)/tests/fuzz/libfuzzer.o
$(REPLAY): $(B)/tests/fuzz/replay.o
$(REPLAY) $(FUZZER): $(FUZZ_O) $(LIBRARY)
	$(call say,LINK,$@)
	$(QUIET)$(LINK) $(if $(filter $(FUZZER),$@),-fsanitize=fuzzer) -o $@ $^ $(LDLIBS)

$(B)/bench/peak.%.o: KERNEL_OPT := -O3 -ffp-contract=fast
$(BENCH): $(BENCH_O) $(LIBRARY)
	$(call say,LINK,$@)
	$(QUIET)$(LINK) -o $@ $^ $(LDLIBS)

$(PEERS): $(PEERS_O) $(LIBRARY)
	$(call say,LINK,$@)
	$(QUIET)$(LINK) -o $@ $^ $(LDLIBS)

# Lets calls of the program fail; never sanitized: it stands before everything else.
SHIM := $(B)/tests/fault/shim.so
$(SHIM): tests/fault/shim.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(QUIET)$(CC) -std=c11 -D_GNU_SOURCE -O1 -g -U_FORTIFY_SOURCE $(WARN) -fPIC -shared -o $@ $< -ldl

$(BOOKS): $(BOOKS_O) $(LIBRARY)
	$(call say,LINK,$@)
	$(QUIET)$(LINK) -o $@ $^ $(LDLIBS)

# Manual page and completions come from the tables of the program.
MANUAL := $(addprefix $(B)/share/,vramsweep.1 vramsweep.bash _vramsweep)
$(B)/tools/manual: $(B)/tools/manual.o
	$(call say,LINK,$@)
	$(QUIET)$(LINK) -o $@ $^
$(B)/share/vramsweep.1: FORM := man
$(B)/share/vramsweep.bash: FORM := bash
$(B)/share/_vramsweep: FORM := zsh
$(MANUAL): $(B)/tools/manual
	@mkdir -p $(@D)
	$(QUIET)$(B)/tools/manual $(FORM) >$@

-include $(OBJECTS:.o=.d) $(B)/sweep/main.d $(B)/tools/manual.d $(TESTS:%.c=$(B)/%.d) $(FUZZ_O:.o=.d) $(REPLAY).d \
    $(B)/tests/fuzz/libfuzzer.d $(BENCH_O:.o=.d) $(PEERS_O:.o=.d) $(BOOKS_O:.o=.d)

# ---- set-up and main jobs -----------------------------------------------------------------------------------------
# Packages first, then a second make: nothing that needs them is looked at before they are there.
AGAIN := +@$(MAKE) --no-print-directory

.PHONY: deps quickstart
deps: ## install the Debian packages that are missing (no package manager runs when none is)
	@tools/deps.sh $(if $(MPI),$(MPI_DEPS))
quickstart: deps ## install packages, build, run the main job, say where the results are
	$(AGAIN) all
	@'$(abspath $(PROGRAM))' run configs/quick-reference.yaml

# ---- tests --------------------------------------------------------------------------------------------------------
T       ?=
ISA     ?=
RUN_ENV ?=

.PHONY: test run-tests
test: deps ## install packages, build, run all tests (T=pattern ISA=name RUN_ENV=valgrind VARIANT=asan)
	$(AGAIN) run-tests
run-tests: $(PROGRAM) $(RUNNER) $(REPLAY) $(BENCH) $(MANUAL) $(SHIM)
	@SHIM='$(abspath $(SHIM))' VRAMSWEEP='$(abspath $(PROGRAM))' BENCH='$(abspath $(BENCH))' RUNNER=$(RUNNER) REPLAY=$(REPLAY) VARIANT=$(VARIANT) T='$(T)' ISA='$(ISA)' \
	    RUN_ENV='$(RUN_ENV)' tools/test.sh

.PHONY: asan tsan valgrind
asan: ## all tests under the address and undefined-behaviour sanitizers
	$(AGAIN) run-tests VARIANT=asan
tsan: ## all tests under the thread sanitizer (clang: with gcc's OpenMP runtime correct code is reported)
	$(AGAIN) run-tests VARIANT=tsan CC=clang
# The newest instruction set that valgrind knows; it takes one thread at a time.
FOUND    := build/valgrind
VALGRIND := valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
            --errors-for-leak-kinds=definite,indirect --num-callers=20 --log-file=$(abspath $(FOUND))/%p
valgrind: ## all tests under valgrind's memcheck, leaks are errors (T=pattern)
	@rm -rf $(FOUND) && mkdir -p $(FOUND)
	$(AGAIN) run-tests RUN_ENV='$(VALGRIND)' ISA=avx2
	@! find $(FOUND) -type f -size +0 -exec cat {} + | grep .

# What is checked before a push, in half an hour, and the rest, which takes hours. A line a check.
.PHONY: check check-long check-deps same reproducible
check: check-deps ## before a push: format, lint, gcc and clang, sanitizers, coverage, the same bytes in many ways, ranks
	$(AGAIN) format-check lint
	$(AGAIN) run-tests VARIANT=debug CC=clang
	$(AGAIN) run-tests VARIANT=asan
	$(AGAIN) coverage
	$(AGAIN) same
	$(AGAIN) load LOAD=10
	$(AGAIN) run-tests
	$(AGAIN) mpi-test
	$(AGAIN) book-test
	$(AGAIN) faults EVERY=9
	$(AGAIN) faults VARIANT=asan EVERY=97 EACH=5
	$(AGAIN) kills
check-long: check-deps ## what takes longer: gcc's analyzer, thread sanitizer, valgrind, two builds compared, fuzzing
	$(AGAIN) faults
	$(AGAIN) load
	$(AGAIN) analyze
	$(AGAIN) reproducible
	$(AGAIN) tsan
	$(AGAIN) valgrind
	$(AGAIN) fuzz
check-deps:
	@tools/deps.sh check
# A release build by the other compiler, for comparison.
OTHER_CC := $(if $(findstring clang,$(CC)),gcc,clang)
same: $(PROGRAM) ## the same results with each instruction set, thread count and compiler, in many environments
	$(AGAIN) all CC=$(OTHER_CC) B=build/$(OTHER_CC) PROGRAM=build/$(OTHER_CC)/vramsweep
	@VRAMSWEEP='$(abspath $(PROGRAM))' OTHER='$(abspath build/$(OTHER_CC)/vramsweep)' tools/same.sh $(ISAS)
reproducible: ## build and install twice in different folders: the same bytes
	@MAKE='$(MAKE)' CC='$(CC)' tools/reproducible.sh

.PHONY: hardening-check load
hardening-check: $(PROGRAM) ## what the compiler and linker have done to keep a fault from becoming more than a crash
	@tools/hardening.sh '$(abspath $(PROGRAM))'
load: $(PROGRAM) ## 10^9 scenarios reduced, 10^8 rows, 100,000 config.json files, a million catalog rows: time, memory
	@VRAMSWEEP='$(abspath $(PROGRAM))' tools/load.sh

.PHONY: faults kills
faults: $(PROGRAM) $(SHIM) ## every allocation, open, write, rename, ... of every command fails once (T='WORLD FAMILY' EVERY=n)
	@VARIANT=$(VARIANT) VRAMSWEEP='$(abspath $(PROGRAM))' SHIM='$(abspath $(SHIM))' T='$(T)' EVERY='$(EVERY)' EACH='$(EACH)' tests/fault/run all
kills: $(PROGRAM) $(SHIM) ## kill -9 at 200 moments of a run that replaces its reports
	@VRAMSWEEP='$(abspath $(PROGRAM))' SHIM='$(abspath $(SHIM))' tests/fault/kills 200

.PHONY: mpi-test
mpi-test: ## runs of several ranks against one process, killed ranks, a full disk (skipped without Open MPI)
	$(AGAIN) all
	@if command -v mpicc >/dev/null; then $(MAKE) --no-print-directory all MPI=1; fi
	@ALONE='$(abspath $(PROGRAM))' RANKS='$(abspath $(PROGRAM)-mpi)' tools/mpi-test.sh

SECONDS ?= 60
MERGE   ?=
.PHONY: fuzz fuzzer
fuzz: ## feed random inputs to the readers for SECONDS each (T=target of tests/fuzz/targets.def; MERGE=1: choose tests/corpus)
	@command -v clang >/dev/null || { echo 'fuzz needs the packages clang and libomp-14-dev' >&2; exit 2; }
	$(AGAIN) fuzzer VARIANT=fuzz CC=clang
	@FUZZER=build/fuzz/tests/fuzz/fuzzer T='$(T)' LIMIT='$(SECONDS)' MERGE='$(MERGE)' tools/fuzz.sh
fuzzer: $(FUZZER)

# LibreOffice is for this test only.
OFFICE_DEPS := libreoffice-calc unzip zip
.PHONY: book-test
book-test: $(PROGRAM) $(BOOKS) ## the procurement workbook worked out anew by LibreOffice (skipped without; make book-deps)
	@VRAMSWEEP='$(abspath $(PROGRAM))' BOOKS='$(abspath $(BOOKS))' tools/book-test.sh
.PHONY: book-deps
book-deps: ## install what book-test needs
	@tools/deps.sh $(OFFICE_DEPS)

.PHONY: golden-update coverage bench bench-peers
golden-update: $(PROGRAM) ## rewrite the expected output of the command-line tests and show the difference
	@VRAMSWEEP='$(abspath $(PROGRAM))' T='$(T)' UPDATE=1 tests/cli/run
	@git --no-pager diff --stat -- tests/cli
# Least share of lines [%] that the tests must run: of each folder, and of everything but the tests.
COVERED := kernels=90 sweep=90 common=90 report=90 all=85
coverage: ## line coverage of the tests, by file and by folder; fails when a folder has too little (needs gcovr)
	@command -v gcovr >/dev/null || { echo 'coverage needs the package gcovr (tools/deps.sh check)' >&2; exit 2; }
	@if [ -d build/cov ]; then find build/cov -name '*.gcda' -delete; fi
	$(AGAIN) run-tests VARIANT=cov
	@tools/coverage.sh build/cov $(COVERED)

BENCH_FLAGS := $(strip $(OPT_$(VARIANT)) -fopenmp -ffp-contract=off; kernels $(KERNEL_OPT))
bench: $(PROGRAM) $(BENCH) ## measure kernels, lowering, formatter and whole runs against plain twins and floors
	@BENCH_FLAGS='$(BENCH_FLAGS)' $(BENCH) '$(abspath $(PROGRAM))' $(B)/bench $(B)/bench/results.json
bench-peers: $(PROGRAM) $(PEERS) ## install DuckDB, Polars, numpy and pandas, compare, rewrite docs/performance.md
	$(AGAIN) deps MPI=1
	$(AGAIN) all MPI=1
	@BENCH_FLAGS='$(BENCH_FLAGS)' bench/peers/run.sh '$(abspath $(PROGRAM))' '$(abspath $(PROGRAM))-mpi' '$(abspath $(PEERS))'

# ---- source checks ------------------------------------------------------------------------------------------------
# The version of Debian 12 is the pinned one; others format some lines in another way.
CLANG_FORMAT = $(or $(firstword $(shell command -v clang-format-14 clang-format)),clang-format)

.PHONY: format format-check lint analyze docs
format: ## format all C files
	@$(CLANG_FORMAT) -i $(ALL_C) $(wildcard tools/*.c)
format-check: ## fail when a C file is not formatted
	@$(CLANG_FORMAT) --dry-run -Werror $(ALL_C) $(wildcard tools/*.c)
lint: $(OBJECTS) $(B)/sweep/main.o ## clang-tidy, cppcheck, length gate, forbidden calls, wide registers in base kernels
	@B=$(B) tools/lint.sh $(filter-out $(NOT_BUILT),$(ALL_C))
analyze: ## gcc's static analyzer over the product
	@B=$(B) CC=gcc tools/analyze.sh $(filter-out tests/% bench/% $(NOT_BUILT),$(filter %.c,$(ALL_C)))
docs: $(PROGRAM) ## rewrite formula table, accuracy table and the outputs shown in README.md and docs/
	@tools/formulas.sh >docs/formulas.md
	@VRAMSWEEP='$(abspath $(PROGRAM))' tools/accuracy.sh
	@VRAMSWEEP='$(abspath $(PROGRAM))' tools/docs.sh $(wildcard README.md docs/*.md)

# ---- installation -------------------------------------------------------------------------------------------------
BIN   = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share/vramsweep

MAN   = $(DESTDIR)$(PREFIX)/share/man/man1/vramsweep.1
BASH  = $(DESTDIR)$(PREFIX)/share/bash-completion/completions/vramsweep
ZSH   = $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_vramsweep

.PHONY: install uninstall clean help manual
manual: $(MANUAL) ## make the manual page and the completions of bash and zsh
install: $(PROGRAM) $(MANUAL) ## install program, catalogs, example configs, manual page and completions (PREFIX, DESTDIR)
	$(call say,INST,$(SHARE))
	$(QUIET)install -D -m 755 $(PROGRAM) '$(BIN)/vramsweep'
	$(QUIET)install -D -m 644 $(B)/share/vramsweep.1 '$(MAN)'
	$(QUIET)install -D -m 644 $(B)/share/vramsweep.bash '$(BASH)'
	$(QUIET)install -D -m 644 $(B)/share/_vramsweep '$(ZSH)'
	$(QUIET)for f in $(wildcard configs/*.yaml configs/catalogs/*.csv configs/published/*.yaml configs/published/*/*.csv); do \
	    to=$${f#configs/}; \
	    case $$to in catalogs/*) ;; *) to=configs/$$to ;; esac; \
	    install -D -m 644 "$$f" "$(SHARE)/$$to" || exit 1; \
	done
uninstall: ## remove what install put there
	rm -rf '$(BIN)/vramsweep' '$(SHARE)' '$(MAN)' '$(BASH)' '$(ZSH)'
clean: ## remove everything that was built
	rm -rf build vramsweep vramsweep-mpi
help: ## this list
	@sed -nE 's/^([a-z-]+):[^#]* ## (.*)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

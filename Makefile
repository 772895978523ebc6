# vramsweep: one file, no recursion. `make help` lists the targets.
#
#   VARIANT = release (default) | debug | asan | tsan | cov     objects in build/$(VARIANT)/
#   CC      = gcc (default) | clang
#   V=1     shows the commands

VARIANT ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX  ?= /usr/local
DESTDIR ?=
B       := build/$(VARIANT)
VERSION := 0.1.0
QUIET   := $(if $(V),,@)

# ---- flags --------------------------------------------------------------------------------------------------------
# -ffp-contract=off: every build rounds alike, so results are the same bits for each compiler and instruction set.
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat-security -Wvla -Werror
CPPFLAGS := -D_GNU_SOURCE -DVRAMSWEEP_VERSION='"$(VERSION)"' -I.
CFLAGS   := -std=c11 $(WARN) -g -fopenmp -ffp-contract=off
LDLIBS   := -lxlsxwriter -lcsv -lyaml -ljansson -lz -lzstd -lm
HARDEN   := -fstack-protector-strong -D_FORTIFY_SOURCE=2

OPT_release := -O2 $(HARDEN)
OPT_debug   := -O0
OPT_asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan    := -O1 -fsanitize=thread
OPT_cov     := -O0 --coverage
ifndef OPT_$(VARIANT)
$(error VARIANT=$(VARIANT): expected release, debug, asan, tsan or cov)
endif
OPT := $(OPT_$(VARIANT))

# Kernels: each x.kern.c is compiled once per instruction set, with -O3 but in coverage and debug builds.
ISAS       := base avx2 avx512
ifneq ($(shell uname -m),x86_64)
ISAS       := base
endif
ISA_base   :=
ISA_avx2   := -mavx2 -mfma
ISA_avx512 := -mavx512f -mavx512dq -mavx512vl -mavx512bw -mprefer-vector-width=512
KERNEL_OPT := $(if $(filter release asan tsan,$(VARIANT)),-O3)

# ---- files --------------------------------------------------------------------------------------------------------
KERNELS  := $(wildcard kernels/*/*.kern.c)
SOURCES  := $(filter-out $(KERNELS) sweep/main.c,$(wildcard common/*.c kernels/*.c kernels/*/*.c report/*.c sweep/*.c))
OBJECTS  := $(SOURCES:%.c=$(B)/%.o) $(foreach i,$(ISAS),$(KERNELS:%.kern.c=$(B)/%.$(i).o))
LIBRARY  := $(B)/libvramsweep.a
PROGRAM  := $(if $(filter release,$(VARIANT)),vramsweep,$(B)/vramsweep)
TESTS    := $(wildcard tests/unit/*.c)
RUNNER   := $(B)/tests/unit/run
ALL_C    := $(wildcard common/*.[ch] kernels/*.[ch] kernels/*/*.[ch] report/*.[ch] sweep/*.[ch] tests/unit/*.[ch] bench/*.[ch])

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

.PHONY: all
all: $(PROGRAM) ## build the program

# A change of compiler or flags rebuilds: the stamp's text is the command line.
FLAGS_TEXT := $(CC) $(CPPFLAGS) $(CFLAGS) $(OPT) $(LDLIBS)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$(subst ",\",$(FLAGS_TEXT))" | cmp -s - $@ || printf '%s\n' "$(subst ",\",$(FLAGS_TEXT))" > $@
.PHONY: FORCE
FORCE:

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC      $<")
	$(QUIET)$(CC) $(CPPFLAGS) $(CFLAGS) $(OPT) -MMD -MP -c -o $@ $<

define isa-rule
$$(B)/%.$(1).o: %.kern.c $$(B)/flags
	@mkdir -p $$(@D)
	$$(if $$(V),,@echo "  CC      $$< ($(1))")
	$$(QUIET)$$(CC) $$(CPPFLAGS) $$(CFLAGS) $$(OPT) $$(KERNEL_OPT) $$(ISA_$(1)) -DKERN_ISA=$(1) -MMD -MP -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call isa-rule,$(i))))

$(LIBRARY): $(OBJECTS)
	$(if $(V),,@echo "  AR      $@")
	$(QUIET)rm -f $@ && ar rcsD $@ $^

$(PROGRAM): $(B)/sweep/main.o $(LIBRARY)
	$(if $(V),,@echo "  LINK    $@")
	$(QUIET)$(CC) $(CFLAGS) $(OPT) -o $@ $^ $(LDLIBS)

$(RUNNER): $(TESTS:%.c=$(B)/%.o) $(LIBRARY)
	$(if $(V),,@echo "  LINK    $@")
	$(QUIET)$(CC) $(CFLAGS) $(OPT) -o $@ $^ -lcunit $(LDLIBS)

-include $(OBJECTS:.o=.d) $(B)/sweep/main.d $(TESTS:%.c=$(B)/%.d)

# ---- set-up and main jobs -----------------------------------------------------------------------------------------
.PHONY: deps
deps: ## install the Debian packages that are missing (nothing when none is)
	@tools/deps.sh

.PHONY: quickstart
quickstart: deps ## install packages, build, run the main job, say where the results are
	@$(MAKE) --no-print-directory all
	@./vramsweep run configs/quick-reference.yaml

# ---- tests --------------------------------------------------------------------------------------------------------
T        ?=
ISA      ?=
RUN_ENV  ?=

.PHONY: test
test: deps ## install packages, build, run all tests (T=pattern, ISA=name, RUN_ENV=valgrind, VARIANT=asan)
	@$(MAKE) --no-print-directory run-tests

.PHONY: run-tests
run-tests: $(PROGRAM) $(RUNNER)
	@VRAMSWEEP=$(abspath $(PROGRAM)) ISA=$(ISA) T=$(T) tests/cli/run
	@$(if $(ISA),VRAMSWEEP_ISA=$(ISA)) $(RUN_ENV) $(RUNNER) $(T)

.PHONY: asan tsan
asan: ## all tests under address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory run-tests VARIANT=asan
tsan: ## all tests under the thread sanitizer (clang: gcc's OpenMP runtime is reported falsely)
	@$(MAKE) --no-print-directory run-tests VARIANT=tsan CC=clang

.PHONY: check
check: ## the long matrix: format, lint, gcc and clang, sanitizers, every instruction set
	@$(MAKE) --no-print-directory format-check lint
	@$(MAKE) --no-print-directory run-tests
	@$(MAKE) --no-print-directory run-tests VARIANT=debug CC=clang
	@$(MAKE) --no-print-directory asan
	@for isa in $(ISAS); do $(MAKE) --no-print-directory run-tests ISA=$$isa || exit 1; done

.PHONY: golden-update
golden-update: $(PROGRAM) ## rewrite the expected output of command-line tests and show the difference
	@VRAMSWEEP=$(abspath $(PROGRAM)) UPDATE=1 tests/cli/run
	@git --no-pager diff --stat -- tests/cli tests/golden/output

.PHONY: coverage
coverage: ## line coverage of the test suite (needs gcovr)
	@$(MAKE) --no-print-directory run-tests VARIANT=cov
	gcovr --exclude tests/ build/cov

# ---- source checks ------------------------------------------------------------------------------------------------
CLANG_FORMAT := $(firstword $(shell command -v clang-format-14 clang-format 2>/dev/null))

.PHONY: format format-check lint
format: ## format all C files
	@$(CLANG_FORMAT) -i $(ALL_C)
format-check: ## fail when a C file is not formatted
	@$(CLANG_FORMAT) --dry-run -Werror $(ALL_C)
lint: $(OBJECTS) $(B)/sweep/main.o ## clang-tidy, cppcheck, length gate, greps
	@B=$(B) tools/lint.sh $(filter %.c,$(filter-out tests/%,$(ALL_C)))

# ---- installation -------------------------------------------------------------------------------------------------
SHARE := $(DESTDIR)$(PREFIX)/share/vramsweep

.PHONY: install uninstall clean help
install: $(PROGRAM) ## install program, catalogs and example configs (PREFIX, DESTDIR)
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/vramsweep
	@mkdir -p $(SHARE)/catalogs $(SHARE)/configs
	cp configs/catalogs/*.csv $(SHARE)/catalogs/
	cp -R configs/*.yaml configs/published $(SHARE)/configs/
uninstall: ## remove what install put there
	rm -rf $(DESTDIR)$(PREFIX)/bin/vramsweep $(SHARE)
clean: ## remove everything that was built
	rm -rf build vramsweep
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

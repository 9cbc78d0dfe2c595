# SPDX-License-Identifier: MIT
#
# What is generated from hypercalls/hypercalls.tbl, into $(O)/gen:
#
#	hypercall_table.h  hypercall_table.c   prototypes of the doors, dispatch table
#	hypercall_names.c                      names for logs and traces
#	guest_stubs.h                          HYPERVISOR_<name>() for freestanding guests
#	hypercalls.md                          the reference page
#
# HYPERCALLS_GEN_SRCS are to be compiled into the hypervisor; whatever includes a generated header
# must depend on HYPERCALLS_GEN_HDRS (order-only is enough once .d files exist).

O ?= build
HYPERCALLS_AWK ?= awk

HYPERCALLS_GEN_SRCS := $(O)/gen/hypercall_table.c $(O)/gen/hypercall_names.c
HYPERCALLS_GEN_HDRS := $(O)/gen/hypercall_table.h $(O)/gen/guest_stubs.h

# Written aside and moved, so that a failure leaves nothing half-made. $(1) is the generator.
define hypercalls-gen
	@mkdir -p $(@D)
	@echo "  GEN     $@"
	@$(HYPERCALLS_AWK) -f hypercalls/gen/table.awk -f hypercalls/gen/$(1).awk $(2) \
		hypercalls/hypercalls.tbl > $@.tmp || { rm -f $@.tmp; exit 1; }
	@mv $@.tmp $@
endef

hypercalls-deps := hypercalls/hypercalls.tbl hypercalls/gen/table.awk hypercalls/hypercalls.mk

$(O)/gen/hypercall_table.h: hypercalls/gen/dispatch.awk $(hypercalls-deps)
	$(call hypercalls-gen,dispatch,part=h)
$(O)/gen/hypercall_table.c: hypercalls/gen/dispatch.awk $(hypercalls-deps) $(O)/gen/hypercall_table.h
	$(call hypercalls-gen,dispatch,part=c)
$(O)/gen/hypercall_names.c: hypercalls/gen/names.awk $(hypercalls-deps) $(O)/gen/hypercall_table.h
	$(call hypercalls-gen,names)
$(O)/gen/guest_stubs.h: hypercalls/gen/stubs.awk $(hypercalls-deps)
	$(call hypercalls-gen,stubs)
$(O)/gen/hypercalls.md: hypercalls/gen/doc.awk $(hypercalls-deps)
	$(call hypercalls-gen,doc)

.PHONY: hypercalls-gen
hypercalls-gen: $(HYPERCALLS_GEN_SRCS) $(HYPERCALLS_GEN_HDRS) $(O)/gen/hypercalls.md

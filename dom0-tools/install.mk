# SPDX-License-Identifier: MIT
#
#	make install      hypervisor, tools, manuals, completion, units, GRUB's script
#	make uninstall    takes them away again
#
#	prefix=/usr/local   where the tools go          DESTDIR=   in front of everything
#	XL=y                the tools are to be called by the name xl as well

prefix ?= /usr/local
bindir ?= $(prefix)/bin
mandir ?= $(prefix)/share/man
docdir ?= $(prefix)/share/doc/dais
completiondir ?= $(prefix)/share/bash-completion/completions
libdir ?= $(prefix)/lib
sysconfdir ?= /etc
bootdir ?= /boot
DESTDIR ?=
XL ?=

INSTALL_UNITS := $(wildcard dom0-tools/systemd/*.service)
INSTALL_EXAMPLES := $(wildcard dom0-tools/examples/*.cfg)
# Every file that is installed; links for xl come last.
INSTALLED = $(bootdir)/dais.gz $(bindir)/dais $(mandir)/man1/dais.1 $(mandir)/man5/dais.cfg.5 \
	$(mandir)/man7/dais-api.7 $(completiondir)/dais \
	$(INSTALL_EXAMPLES:dom0-tools/%=$(docdir)/%) \
	$(INSTALL_UNITS:dom0-tools/systemd/%=$(libdir)/systemd/system/%) $(libdir)/modules-load.d/dais.conf \
	$(libdir)/sysusers.d/dais.conf $(sysconfdir)/grub.d/20_linux_dais
INSTALLED_XL = $(bindir)/xl $(completiondir)/xl $(mandir)/man1/xl.1

.PHONY: install uninstall
install: all tools
	@install -D -m 644 $(O)/dais.gz $(DESTDIR)$(bootdir)/dais.gz
	@install -D -m 755 $(O)/dom0-tools/dais $(DESTDIR)$(bindir)/dais
	@install -D -m 644 $(O)/dom0-tools/dais.1 $(DESTDIR)$(mandir)/man1/dais.1
	@install -D -m 644 dom0-tools/man/dais.cfg.5 $(DESTDIR)$(mandir)/man5/dais.cfg.5
	@install -D -m 644 dom0-tools/man/dais-api.7 $(DESTDIR)$(mandir)/man7/dais-api.7
	@install -D -m 644 $(O)/dom0-tools/completion/dais $(DESTDIR)$(completiondir)/dais
	@install -D -m 644 -t $(DESTDIR)$(docdir)/examples $(INSTALL_EXAMPLES)
	@install -D -m 644 -t $(DESTDIR)$(libdir)/systemd/system $(INSTALL_UNITS)
	@sed -i 's|@BINDIR@|$(bindir)|' $(INSTALL_UNITS:dom0-tools/systemd/%=$(DESTDIR)$(libdir)/systemd/system/%)
	@install -D -m 644 dom0-tools/systemd/dais.modules-load $(DESTDIR)$(libdir)/modules-load.d/dais.conf
	@install -D -m 644 dom0-tools/systemd/dais.sysusers $(DESTDIR)$(libdir)/sysusers.d/dais.conf
	@install -D -m 755 dom0-tools/grub/20_linux_dais $(DESTDIR)$(sysconfdir)/grub.d/20_linux_dais
ifneq ($(filter-out n no 0,$(XL)),)
	@ln -sf dais $(DESTDIR)$(bindir)/xl
	@ln -sf dais $(DESTDIR)$(completiondir)/xl
	@ln -sf dais.1 $(DESTDIR)$(mandir)/man1/xl.1
endif
	@echo "installed: $(words $(INSTALLED)) files below $(DESTDIR)/; docs/install.md says what is next"

# A file named xl is only taken away when it is our link.
uninstall:
	@for f in $(INSTALLED); do rm -f "$(DESTDIR)$$f"; done
	@for f in $(INSTALLED_XL); do case $$(readlink "$(DESTDIR)$$f") in \
		dais|dais.1) rm -f "$(DESTDIR)$$f" ;; esac; done

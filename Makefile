# SPDX-License-Identifier: Apache-2.0
# The front door. Meson and ninja do the work; see README.md.
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: all run check install windows macos freebsd fuzz bench soak clean

all:
	@tools/needs build
	@tools/configure $(BUILD)
	@ninja -C $(BUILD)

run:
	@tools/needs build --install
	@tools/configure $(BUILD)
	@ninja -C $(BUILD)
	@$(BUILD)/periplus; status=$$?; [ $$status -le 3 ] || exit $$status

check:
	@tools/needs check --install
	@test/run

install: all
	@tools/configure $(BUILD) -Dprefix=$(PREFIX)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --quiet

# The program for Windows, build-windows/periplus.exe.
windows:
	@tools/needs windows
	@tools/configure build-windows --cross-file tools/windows.ini -Dtests=false -Dbpf=disabled
	@ninja -C build-windows

# The programs for macOS, build-macos/periplus-arm64 and periplus-x86_64.
macos: all
	@tools/macos $(BUILD) build-macos

# The program for FreeBSD, build-freebsd/periplus-freebsd; SYSROOT: a FreeBSD's base.txz unpacked.
freebsd: all
	@tools/freebsd $(BUILD) build-freebsd "$(SYSROOT)"

# Long runs: hours of fuzzing (SECONDS each), repetitions, comparisons with the neighbours.
fuzz:
	@tools/needs check --install
	@fuzz/run

soak:
	@tools/needs check --install
	@test/soak

bench:
	@tools/needs bench --install
	@tools/configure $(BUILD)
	@ninja -C $(BUILD)
	@for b in bench/lookup.sh bench/host.sh bench/identify.sh bench/scan.sh bench/serve.sh; do "$$b" || exit 1; done

clean:
	@rm -rf -- "$(CURDIR)/build" "$(CURDIR)/build-check" "$(CURDIR)/build-asan" "$(CURDIR)/build-clang" "$(CURDIR)/build-windows" "$(CURDIR)/build-check-windows" "$(CURDIR)/build-macos" "$(CURDIR)/build-check-macos" "$(CURDIR)/build-freebsd"

/* SPDX-License-Identifier: MIT */
/*
 * Calling the UEFI firmware's runtime services. The firmware stays in physical mode: it runs on
 * page tables of its own, which show the hypervisor's slots and, at their machine addresses, the
 * regions the firmware asked for.
 *
 * One caller at a time: efi_runtime_enter() takes the lock and lends the buffers,
 * efi_runtime_leave() gives both back. In between the caller may fault on guest memory, but not
 * sleep.
 */
#ifndef DAIS_EFI_RUNTIME_H
#define DAIS_EFI_RUNTIME_H

#include <dais/types.h>

#define EFI_NAME_BYTES 1024  /* of a variable's name, terminator included */
#define EFI_DATA_BYTES 65536 /* of a variable's content */

#define EFI_ERROR_BIT        (1UL << 63)
#define EFI_UNSUPPORTED      (EFI_ERROR_BIT | 3)
#define EFI_BUFFER_TOO_SMALL (EFI_ERROR_BIT | 5)
#define EFI_OUT_OF_RESOURCES (EFI_ERROR_BIT | 9)
#define EFI_NOT_FOUND        (EFI_ERROR_BIT | 14)

/* In the order of the firmware's table. */
enum efi_service {
	EFI_GET_TIME,
	EFI_SET_TIME,
	EFI_GET_WAKEUP_TIME,
	EFI_SET_WAKEUP_TIME,
	EFI_SET_VIRTUAL_ADDRESS_MAP,
	EFI_CONVERT_POINTER, /* never called */
	EFI_GET_VARIABLE,
	EFI_GET_NEXT_VARIABLE_NAME,
	EFI_SET_VARIABLE,
	EFI_GET_NEXT_HIGH_MONO_COUNT,
	EFI_RESET_SYSTEM,
	EFI_UPDATE_CAPSULE,
	EFI_QUERY_CAPSULE_CAPABILITIES,
	EFI_QUERY_VARIABLE_INFO,
	EFI_NR_SERVICES,
};

struct efi_runtime_buffers {
	uint16_t name[EFI_NAME_BYTES / 2];
	uint8_t data[EFI_DATA_BYTES];
};

struct efi_runtime_buffers *efi_runtime_enter(void); /* NULL: there is no firmware to call */
void efi_runtime_leave(void);

/*
 * Call a service, between enter and leave, for the current vcpu. Arguments as the UEFI
 * specification has them; pointers are to hypervisor memory: the buffers, or the caller's stack.
 * Returns an EFI status; EFI_UNSUPPORTED also when the firmware's table does not have the service.
 */
uint64_t efi_runtime_call(enum efi_service s, const uint64_t arg[5]);

#endif

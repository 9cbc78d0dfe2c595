/* SPDX-License-Identifier: MIT */
/* The page of call stubs that kernels with a HYPERCALL_PAGE note want to have filled in. */
#ifndef DAIS_HYPERCALL_PAGE_H
#define DAIS_HYPERCALL_PAGE_H

/* page: 4096 bytes, the caller's to write. */
void pv_hypercall_page_fill(void *page);

#endif

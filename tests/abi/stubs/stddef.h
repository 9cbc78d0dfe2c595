/* SPDX-License-Identifier: MIT */
/* Empty: abi.py reads our headers without the library's. */

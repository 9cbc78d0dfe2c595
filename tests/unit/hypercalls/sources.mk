# SPDX-License-Identifier: MIT
UNIT_hypercalls/test_subop := hypercalls/subop.c

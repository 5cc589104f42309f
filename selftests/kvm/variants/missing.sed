# SPDX-License-Identifier: GPL-2.0-only
# Without an operation that KVM must have
/\.inject[[:space:]]*=/d

# SPDX-License-Identifier: GPL-2.0-only
# The module as if it had been built for another version of the hooks
s/\(\.abi[[:space:]]*= KVM_VGIC_V5_OPS_ABI\),/\1 + 1,/

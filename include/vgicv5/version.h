/* SPDX-License-Identifier: GPL-2.0-only */
/* The one place that knows the version: modinfo, DKMS and packages read it. */
#ifndef __VGICV5_VERSION_H
#define __VGICV5_VERSION_H

#define VGICV5_VERSION	"0.1.0"

#endif

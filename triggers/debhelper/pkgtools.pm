#!/usr/bin/perl
# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# dh's sequence: dh-sequence-pkgtools in Build-Depends, or dh --with pkgtools.

use warnings;
use strict;
use Debian::Debhelper::Dh_Lib;

insert_before("dh_installinit", "dh_pkgtools");

1

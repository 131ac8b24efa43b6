#pragma once
// The program's version, as set by the build.

#ifndef PEERBED_VERSION
#define PEERBED_VERSION "unknown"
#endif

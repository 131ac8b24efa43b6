#pragma once
// The program's version, as the build says it.

#ifndef PEERBED_VERSION
#define PEERBED_VERSION "unknown"
#endif

// The main function of all test programs; compiled once, because Catch2's takes long to compile. Catch2 3 brings its
// own.

#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif

// Called by LeakSanitizer: fontconfig keeps what it reads about fonts for pictures.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the name is the sanitizer's
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig.so\n"; }

# Precompiles headers that most sources include, once per library and once for all tests. Off by default: the builds of
# Clang and of the sanitizers check that each source includes what it uses.
option(PEERBED_PRECOMPILE "Precompile the headers that most sources include" OFF)

set(PEERBED_COMMON_HEADERS
    <algorithm> <array> <chrono> <cstdint> <deque> <filesystem> <functional> <map> <memory> <optional> <span> <string>
    <string_view> <tuple> <utility> <variant> <vector>)

# peerbed_precompile(target header...): precompiles these headers and the common ones for the target's sources.
function(peerbed_precompile target)
  if(PEERBED_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${PEERBED_COMMON_HEADERS} ${ARGN})
  endif()
endfunction()

#pragma once
// Sentences about histories. Values are numbered from 1 on, in the order in which their puts began.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "analysis/history/key_history.h"

namespace peerbed::analysis {

using NameOfProcess = std::function<std::string(std::uint32_t)>;

// What a get with this flaw did: "returned an expired value".
std::string_view phrase_of(Flaw flaw) noexcept;
// Why a history does not reach a level, with its operations.
std::string sentence_of(const KeyHistory& history, const Breach& breach, const NameOfProcess& name_of);

}  // namespace peerbed::analysis

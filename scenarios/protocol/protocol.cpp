#include "scenarios/protocol/protocol.h"

#include "scenarios/check/node_check.h"
#include "scenarios/protocol/command_form.h"
#include "scenarios/protocol/population.h"

namespace peerbed::scenarios {

std::string Protocol::fault_of_command(const GroupOptions& group, std::string_view line) const {
  const std::span<const CommandForm> forms = commands(group);
  return forms.empty() ? std::string() : scenarios::fault_of_command(forms, line);
}

std::unique_ptr<NodeCheck> Protocol::check(std::span<const GroupPlan>, std::uint64_t, const CheckPlan&) const {
  return nullptr;
}

std::unique_ptr<Population> Protocol::members(std::shared_ptr<const GroupOptions>,
                                              std::shared_ptr<const std::vector<Address>>) const {
  return nullptr;
}

std::shared_ptr<const Protocol> Registry::find(std::string_view name) const noexcept {
  for (const auto& protocol : protocols_)
    if (protocol->name() == name) return protocol;
  return nullptr;
}

}  // namespace peerbed::scenarios

#include "app/node/node_settings.h"

namespace peerbed::app {

Option settings_option() { return {"set", "NAME=VALUE", "sets an option of the protocol, as scenarios do", true}; }

void read_settings(const Arguments& arguments, const std::function<void(scenarios::MapReader&)>& read) {
  scenarios::Document document = scenarios::parse_document("{}", "--set");
  for (const std::string& setting : arguments.values("set")) {
    const std::size_t sign = setting.find('=');
    if (sign == std::string::npos || sign == 0)
      throw UsageError("'--set " + setting + "' names no option; write --set name=value");
    scenarios::set_path(document, setting.substr(0, sign), setting.substr(sign + 1), "--set " + setting);
  }
  scenarios::Field(document, document.root, "options").map(read);
}

}  // namespace peerbed::app

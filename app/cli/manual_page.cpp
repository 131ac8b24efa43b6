#include "app/cli/manual_page.h"

#include <algorithm>
#include <cctype>

#include "app/cli/exit_codes.h"
#include "app/cli/version.h"

namespace peerbed::app {
namespace {

bool is_capital(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string bold(std::string_view text) { return "\\fB" + manual_text(text) + "\\fR"; }

// A usage line: options in bold, capitalised words in italics.
std::string shown_form(std::string_view form) {
  std::string text;
  for (std::size_t i = 0; i < form.size();) {
    std::size_t end = i + 1;
    const bool begins = i == 0 || !is_word(form[i - 1]);
    if (begins && (form[i] == '-' || is_capital(form[i])))
      while (end < form.size() && (is_word(form[end]) || (form[i] == '-' && form[end] == '-'))) ++end;
    const std::string_view word = form.substr(i, end - i);
    if (begins && form[i] == '-')
      text += bold(word);
    else if (begins && is_capital(form[i]))
      text += "\\fI" + manual_text(word) + "\\fR";
    else
      text += manual_text(word);
    i = end;
  }
  return text;
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text.back() == '.' ? text : text + ".";
}

std::string section(std::string_view title) { return ".SH " + std::string(title) + "\n"; }

std::string paragraphs(std::string_view text) {
  std::string page;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    page += ".PP\n" + manual_text(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return page;
}

std::string entry(const std::string& term, const std::string& text) { return ".TP\n" + term + "\n" + text + "\n"; }

std::string option_entry(const Option& option) {
  std::string term = option.letter == 0 ? "" : bold("-" + std::string(1, option.letter)) + ", ";
  term += bold("--" + std::string(option.name));
  if (option.takes_next_word()) term += " " + shown_form(option.value_name);
  if (option.value_is_optional) term += "[=" + shown_form(option.value_name) + "]";
  return entry(term, manual_text(sentence(option.help)) + (option.repeatable ? " May be repeated." : ""));
}

std::string examples_of(const std::vector<Example>& examples) {
  std::string page = section("EXAMPLES");
  for (const Example& example : examples) {
    std::string purpose = sentence(example.purpose);
    purpose.back() = ':';
    page += ".PP\n" + manual_text(purpose) + "\n.PP\n.RS 4\n.nf\n" + manual_text(example.command) + "\n.fi\n.RE\n";
  }
  return page;
}

std::string exit_status() {
  std::string page = section("EXIT STATUS");
  for (const ExitCodeMeaning& each : exit_code_meanings)
    page += entry(bold(std::to_string(each.code)), manual_text(sentence(each.meaning)));
  return page;
}

std::string environment() {
  return section("ENVIRONMENT") +
         entry(bold("PEERBED_SEED"),
               "The seed of a run if no " + bold("--seed") + " or " + bold("--set") + " gives one.") +
         entry(bold("NO_COLOR"), "Output has no colour, even on a terminal.");
}

std::string see_also(const std::vector<std::string>& names) {
  std::string page = section("SEE ALSO");
  for (const std::string& name : names) page += (&name == &names.front() ? "" : ", ") + bold(name) + "(1)";
  return page + ", " + bold("peerbed-scenario") + "(5)\n";
}

}  // namespace

std::string manual_text(std::string_view text) {
  std::string page;
  bool is_bold = false;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) page += "\\&";
    begins = c == '\n';
    if (c == '`') {
      is_bold = !is_bold;
      page += is_bold ? "\\fB" : "\\fR";
    } else if (c == '\\') {
      page += "\\e";
    } else if (c == '-') {
      page += "\\-";
    } else if (c == '\'') {
      page += "\\(aq";
    } else if (c == '^') {
      page += "\\(ha";
    } else if (c == '~') {
      page += "\\(ti";
    } else {
      page += c;
    }
  }
  return page;
}

std::string manual_title(std::string_view name, int section) {
  std::string capitals(name);
  std::transform(capitals.begin(), capitals.end(), capitals.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return ".TH " + manual_text(capitals) + " " + std::to_string(section) +
         " \"\" \"peerbed " PEERBED_VERSION "\" \"Peerbed\"\n.ad l\n.nh\n";
}

std::string page_name(const Command& command) {
  std::string name = "peerbed-" + command.name;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string program_page(const std::vector<Command>& commands) {
  std::string page = manual_title("peerbed", 1) + section("NAME") +
                     "peerbed \\- a laboratory for peer\\-to\\-peer protocols\n" + section("SYNOPSIS") +
                     bold("peerbed") + " " + shown_form("COMMAND [options]") + "\n" + section("DESCRIPTION");
  page += paragraphs(
      "Runs protocols that are written as state machines: thousands of nodes in a simulated network, described by one "
      "file, with the same events every time; or real nodes over UDP, TCP and the disk of this machine.\n\n"
      "Results go to standard output, progress and errors to standard error.");
  page += section("COMMANDS");
  std::vector<std::string> names;
  for (const Command& command : commands) {
    page +=
        entry(bold(command.name), manual_text(sentence(command.summary)) + " See " + bold(page_name(command)) + "(1).");
    names.push_back(page_name(command));
  }
  page += section("OPTIONS") + option_entry(help_option) + entry(bold("--version"), "Show the version.");
  page += exit_status() + environment();
  page +=
      section("FILES") + entry("\\fIPREFIX\\fR" + manual_text("/share/peerbed/scenarios"), "The built-in scenarios.");
  page += examples_of({{"peerbed list", "list the built-in scenarios"},
                       {"peerbed run ring-third-crash --seed 7", "run one of them"},
                       {"peerbed help run", "show the options of a command"}});
  return page + see_also(names);
}

std::string command_page(const Command& command) {
  const std::string name = page_name(command);
  std::string page = manual_title(name, 1) + section("NAME") + manual_text(name) + " \\- " +
                     manual_text(command.summary) + "\n" + section("SYNOPSIS");
  for (const std::string& form : command.forms) {
    if (&form != &command.forms.front()) page += ".br\n";
    page += bold("peerbed " + command.name) + " " + shown_form(form) + "\n";
  }
  page += section("DESCRIPTION") + paragraphs(command.description) + paragraphs(command.details);
  std::vector<std::string> related{"peerbed"};
  if (!command.kinds.empty()) page += section("KINDS");
  for (const Command& kind : command.kinds) {
    page += entry(bold(kind.name), manual_text(sentence(kind.summary)) + " See " + bold(page_name(kind)) + "(1).");
    related.push_back(page_name(kind));
  }
  page += section("OPTIONS");
  for (const Option& option : command.options) page += option_entry(option);
  page += option_entry(help_option) + exit_status();
  return page + examples_of(command.examples) + see_also(related);
}

}  // namespace peerbed::app

#include "scenarios/protocol/command_form.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "scenarios/text/field.h"

namespace peerbed::scenarios {
namespace {

std::vector<std::string> words_of(std::string_view text, char separator) {
  std::vector<std::string> words;
  std::istringstream stream{std::string(text)};
  for (std::string word; std::getline(stream, word, separator);)
    if (!word.empty()) words.push_back(word);
  return words;
}

class Form {
 public:
  explicit Form(const CommandForm& form) : words_(words_of(form.form, ' ')), verbs_(words_of(words_.front(), '|')) {
    words_.erase(words_.begin());
  }

  const std::vector<std::string>& verbs() const noexcept { return verbs_; }
  bool has(const std::string& verb) const { return std::find(verbs_.begin(), verbs_.end(), verb) != verbs_.end(); }

  std::string fault_of(const std::vector<std::string>& line) const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      if (words_[i].front() != '[' && i + 1 >= line.size())
        return "'" + line.front() + "' needs a " + words_[i].substr(0, words_[i].find('.')) + "; write " + text();
    const bool goes_on = !words_.empty() && words_.back().find("...") != std::string::npos;
    if (!goes_on && line.size() > words_.size() + 1)
      return "'" + line[words_.size() + 1] + "' is one word too many; write " + text();
    return {};
  }

 private:
  std::string text() const {
    std::string text = verbs_.front();
    for (const std::string& word : words_) text += " " + word;
    return text;
  }

  std::vector<std::string> words_;  // after the verb
  std::vector<std::string> verbs_;
};

}  // namespace

std::string fault_of_command(std::span<const CommandForm> forms, std::string_view line) {
  const std::vector<std::string> words = words_of(line, ' ');
  if (words.empty()) return "the command is empty";
  std::vector<std::string> known;
  for (const CommandForm& each : forms) {
    const Form form(each);
    if (form.has(words.front())) return form.fault_of(words);
    known.insert(known.end(), form.verbs().begin(), form.verbs().end());
  }
  const std::string nearest = nearest_word(words.front(), known);
  return "'" + words.front() + "' is an unknown command; " +
         (nearest.empty() ? "known commands are " + joined_words(known) : "did you mean '" + nearest + "'?");
}

}  // namespace peerbed::scenarios

// The prompt, by libedit in the mode that returns after each key.

#include "app/node/node_prompt.h"

#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <cstdio>
#include <cwchar>

namespace peerbed::app {
namespace {

constexpr int rest_of_key = 50;  // milliseconds within which the rest of a key's bytes must arrive
constexpr int remembered_lines = 500;
constexpr char end_of_input = 'd' & 0x1F;

class EditedPrompt final : public NodePrompt {
 public:
  explicit EditedPrompt(PromptEvents events);
  ~EditedPrompt() override;
  EditedPrompt(const EditedPrompt&) = delete;
  EditedPrompt& operator=(const EditedPrompt&) = delete;

  void read() override;
  void print(std::string_view line) override;
  void show(const std::string& progress) override;

 private:
  static EditedPrompt& of(EditLine* line);
  static char* text_of(EditLine* line) { return of(line).text_.data(); }
  static int take_character(EditLine* line, wchar_t* character) { return of(line).take_character(*character); }
  static unsigned char on_tab(EditLine* line, int) { return of(line).complete(); }

  int take_character(wchar_t& character);
  unsigned char complete();
  void accept(std::string line);
  void begin_line();
  void end_line();

  PromptEvents events_;
  std::string text_ = "> ";
  EditLine* line_;
  History* history_;
  bool editing_ = false;   // the terminal is in raw mode and shows the prompt
  bool first_ = true;      // character of a key
  bool too_late_ = false;  // the rest of a key did not arrive
};

EditedPrompt::EditedPrompt(PromptEvents events)
    : events_(std::move(events)), line_(el_init("peerbed", stdin, stdout, stderr)), history_(history_init()) {
  HistEvent ignored;
  history(history_, &ignored, H_SETSIZE, remembered_lines);
  history(history_, &ignored, H_SETUNIQUE, 1);
  el_set(line_, EL_CLIENTDATA, this);
  el_set(line_, EL_PROMPT, text_of);
  el_set(line_, EL_EDITOR, "emacs");
  el_set(line_, EL_SIGNAL, 0);
  el_set(line_, EL_HIST, history, history_);
  el_set(line_, EL_ADDFN, "complete", "completes a word", on_tab);
  el_set(line_, EL_BIND, "^I", "complete", nullptr);
  el_set(line_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(line_, EL_GETCFN, static_cast<int (*)(EditLine*, wchar_t*)>(take_character));
  begin_line();
}

EditedPrompt::~EditedPrompt() {
  end_line();
  el_end(line_);
  history_end(history_);
  std::fputs("\r\033[K", stdout);
  std::fflush(stdout);
}

void EditedPrompt::begin_line() {
  editing_ = true;
  el_set(line_, EL_UNBUFFERED, 1);
}

void EditedPrompt::end_line() {
  editing_ = false;
  el_set(line_, EL_UNBUFFERED, 0);
}

EditedPrompt& EditedPrompt::of(EditLine* line) {
  void* prompt = nullptr;
  el_get(line, EL_CLIENTDATA, &prompt);
  return *static_cast<EditedPrompt*>(prompt);
}

// The first character of a key is there; but after a lone Escape the node must not wait for another.
int EditedPrompt::take_character(wchar_t& character) {
  std::mbstate_t state{};
  while (true) {
    pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (!first_ && ::poll(&waiting, 1, rest_of_key) <= 0) {
      too_late_ = true;
      return -1;
    }
    first_ = false;
    char byte = 0;
    if (::read(STDIN_FILENO, &byte, 1) != 1) return 0;
    const std::size_t taken = std::mbrtowc(&character, &byte, 1, &state);
    if (taken == static_cast<std::size_t>(-2)) continue;  // more bytes belong to it
    if (taken == static_cast<std::size_t>(-1)) state = {};
    if (taken <= 1) return 1;
  }
}

void EditedPrompt::read() {
  first_ = true;
  too_late_ = false;
  int count = 0;
  const char* typed = el_gets(line_, &count);
  if (typed == nullptr || count <= 0) {
    if (too_late_) return;
    end_line();
    return events_.end();
  }
  const std::string_view text(typed, static_cast<std::size_t>(count));
  if (text == std::string_view(&end_of_input, 1)) {
    end_line();
    return events_.end();
  }
  if (text.ends_with('\n') || text.ends_with('\r')) accept(std::string(text.substr(0, text.size() - 1)));
}

void EditedPrompt::accept(std::string line) {
  end_line();
  HistEvent ignored;
  if (line.find_first_not_of(' ') != std::string::npos) history(history_, &ignored, H_ENTER, line.c_str());
  events_.line(std::move(line));
  begin_line();
}

void EditedPrompt::print(std::string_view line) {
  std::fprintf(stdout, "%s%.*s\n", editing_ ? "\r\033[K" : "", static_cast<int>(line.size()), line.data());
  std::fflush(stdout);
  if (editing_) el_set(line_, EL_REFRESH);
}

void EditedPrompt::show(const std::string& progress) {
  const std::string text = progress.empty() ? "> " : progress + " > ";
  if (text == text_) return;
  text_ = text;
  if (!editing_) return;
  std::fputs("\r\033[K", stdout);
  std::fflush(stdout);
  el_set(line_, EL_REFRESH);
}

// Inserts what all completions have in common; if that is nothing, lists them.
unsigned char EditedPrompt::complete() {
  const LineInfo* info = el_line(line_);
  const std::string typed(info->buffer, info->cursor);
  const std::vector<std::string> words = events_.complete(typed);
  if (words.empty()) return CC_REFRESH_BEEP;
  std::string common = words.front();
  for (const std::string& word : words) {
    std::size_t same = 0;
    while (same < common.size() && same < word.size() && common[same] == word[same]) ++same;
    common.resize(same);
  }
  if (words.size() == 1) common += ' ';
  const std::size_t begun = typed.size() - (typed.rfind(' ') == std::string::npos ? 0 : typed.rfind(' ') + 1);
  if (common.size() > begun) {
    // Replace the word with its proper spelling, which may differ in case.
    el_deletestr(line_, static_cast<int>(begun));
    el_insertstr(line_, common.c_str());
    return CC_REFRESH;
  }
  std::string list;
  for (const std::string& word : words) list += word + "  ";
  std::fprintf(stdout, "\r\033[K%s\n", list.c_str());
  std::fflush(stdout);
  return CC_REDISPLAY;
}

}  // namespace

std::unique_ptr<NodePrompt> NodePrompt::open(PromptEvents events) {
  const char* kind = std::getenv("TERM");
  const bool is_dumb = kind == nullptr || std::string_view(kind) == "dumb";
  const bool has_person = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0 && !is_dumb;
  if (!has_person || ::tcgetpgrp(STDIN_FILENO) != ::getpgrp()) return nullptr;
  std::setlocale(LC_CTYPE, "");
  return std::make_unique<EditedPrompt>(std::move(events));
}

}  // namespace peerbed::app

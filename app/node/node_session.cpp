#include "app/node/node_session.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "analysis/results/one_line.h"
#include "app/cli/command_line.h"
#include "app/node/service_manager.h"
#include "protocols/environment/version_notice.h"
#include "scenarios/text/field.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration readiness_check = 1ms;
constexpr Duration idle_check = 20ms;
constexpr Duration progress_period = 200ms;
constexpr Duration longest_start = 2s;  // after which commands are taken even if the node has found nobody
constexpr Duration counterpart_check = 250ms;

constexpr Verb builtin_verbs[] = {
    {"status", "", "says how the node is"},
    {"peers", "", "lists the nodes that it knows"},
    {"wait", "", "takes the next command when all that was begun is done"},
    {"sleep", "DURATION", "takes the next command later, such as after 2s"},
    {"help", "", "shows this"},
};

bool is_same_word(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

const Verb* find_verb(std::span<const Verb> verbs, std::string_view word) {
  const auto found =
      std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) { return is_same_word(verb.name, word); });
  return found == verbs.end() ? nullptr : &*found;
}

// A typed line: its first word, and the rest.
struct Typed {
  std::string word{};  // empty: there is nothing to do
  std::string rest{};
};

Typed typed_in(const std::string& line) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = std::min(line.find_first_not_of(blanks), line.size());
  if (begin == line.size() || line[begin] == '#') return {};
  const std::size_t end = std::min(line.find_first_of(blanks, begin), line.size());
  const std::size_t rest = std::min(line.find_first_not_of(blanks, end), line.size());
  return {line.substr(begin, end - begin), line.substr(rest, line.find_last_not_of(blanks) + 1 - rest)};
}

}  // namespace

NodeSession::NodeSession(adapter::Host& host, NodeView& view, NodeScreen& screen, const NodeSignals& signals,
                         NodeMetrics& metrics, const SessionOptions& options)
    : host_(host),
      view_(view),
      screen_(screen),
      output_(options.json, screen),
      signals_(signals),
      metrics_(metrics),
      options_(options),
      names_(host, [this](const std::string& name, const std::vector<adapter::Endpoint>& endpoints) {
        if (view_.hosted_node().is_running()) view_.relocate(name, endpoints);
      }) {}

int NodeSession::run() {
  if (options_.control) {
    control_ = std::make_unique<NodeControl>(host_, *options_.control,
                                             [this](const NodeControl::Request& request) { handle_request(request); });
    output_.use(control_.get());
  }
  if (!open_prompt()) open_input();
  output_.listening(host_.now(), adapter::to_string(view_.hosted_node().endpoint()));
  host_.watch(signals_.descriptor(), [this] { take_signals(); });
  host_.observe(this);
  view_.hosted_node().start();
  paused_ = true;
  await_readiness();
  watch_counterparts();
  if (screen_.shows_progress()) watch_progress();
  host_.run();
  host_.observe(nullptr);
  output_.use(nullptr);
  screen_.use(nullptr);
  if (control_) answer_requests();
  if (killed_ || signalled_ > 1) return exit_interrupted;
  if (!left_) screen_.complain("not everybody confirmed the departure in time", LogLevel::warning);
  if (options_.exit_at_end && failed_) return exit_io;
  return leaving_ ? exit_good : exit_io;
}

// ---------------------------------------------------------------------------------------------------------------------
// Events of the node

void NodeSession::on_trace(Time time, NodeIndex, std::uint16_t type, const TraceValues& values) {
  const auto types = view_.hosted_node().trace_events();
  if (type >= types.size()) return;
  const TraceMeaning meaning = view_.meaning_of(type, values);
  if (meaning == TraceMeaning::failure) note_failure();
  metrics_.note(types[type], values);
  if (meaning == TraceMeaning::datagram_refused) note_refused(time, Address{values[0]}, values[2]);
  output_.report(time, types[type], values);
  if (const std::string remark = view_.remark_on(type, values); !remark.empty()) output_.line(time, remark);
}

// Reported once per host.
void NodeSession::note_refused(Time time, Address from, std::uint64_t version) {
  if (refused_.size() >= maximum_refused || !refused_.insert(from.with_port(0)).second) return;
  if (version == 0)
    return output_.trouble(
        time, "datagram-refused",
        "a datagram from " + to_string(from) + " was refused: it was damaged, or no message of ours");
  output_.trouble(time, "version-refused", sentence_of_version(from, version));
}

void NodeSession::on_line(Time time, NodeIndex, std::string_view line) { output_.line(time, line); }

void NodeSession::on_refusal(Time time, NodeIndex, std::string_view code, std::string_view sentence) {
  note_failure();
  output_.refusal(time, code, sentence);
}

void NodeSession::on_exit(Time time, NodeIndex) {
  left_ = true;
  output_.left(time);
}

// ---------------------------------------------------------------------------------------------------------------------
// Input

bool NodeSession::open_prompt() {
  if (options_.script || options_.json) return false;
  auto prompt = NodePrompt::open({.line =
                                      [this](std::string line) {
                                        typed_.push_back(std::move(line));
                                        take_commands();
                                      },
                                  .end = [this] { leave(); },
                                  .complete = [this](std::string_view typed) { return completions(typed); }});
  if (!prompt) return false;
  screen_.use(std::move(prompt));
  keyboard_ = std::make_unique<NodeReadiness>(host_, STDIN_FILENO, [this] { screen_.prompt()->read(); });
  keyboard_->listen(true);
  return true;
}

void NodeSession::open_input() {
  input_ =
      std::make_unique<NodeInput>(host_, NodeInput::open(options_.script.value_or("-")), [this] { take_commands(); });
}

std::vector<std::string> NodeSession::completions(std::string_view typed) const {
  typed.remove_prefix(std::min(typed.find_first_not_of(' '), typed.size()));
  const std::size_t space = typed.find(' ');
  std::vector<std::string> words;
  if (space == std::string_view::npos) {
    for (const auto verbs : {view_.verbs(), std::span<const Verb>(builtin_verbs)})
      for (const Verb& verb : verbs)
        if (is_same_word(std::string_view(verb.name).substr(0, typed.size()), typed)) words.emplace_back(verb.name);
    return words;
  }
  const Verb* verb = find_verb(view_.verbs(), typed.substr(0, space));
  if (verb == nullptr) return words;
  words = view_.words_after(*verb);
  std::erase_if(words, [&](const std::string& word) { return !word.starts_with(typed.substr(space + 1)); });
  return words;
}

std::optional<std::string> NodeSession::next_line() {
  if (input_) return input_->next();
  if (typed_.empty()) return std::nullopt;
  std::string line = std::move(typed_.front());
  typed_.pop_front();
  return line;
}

void NodeSession::watch_progress() {
  screen_.show(progress_.line(view_.transfers(), NodeProgress::Clock::now()));
  host_.after(progress_period, [this] { watch_progress(); });
}

void NodeSession::take_signals() {
  while (const auto signal = signals_.next()) {
    if (*signal == SIGINT && view_.dies_of_interrupt() && screen_.prompt() != nullptr) {
      killed_ = true;
      view_.hosted_node().crash();
      return;
    }
    ++signalled_;
    leaving_ = true;
    tell_service_manager("STOPPING=1");
    host_.interrupt();
  }
}

// A script that ran before the node found others would find nothing, and take that for the answer.
void NodeSession::await_readiness() {
  const bool waits = options_.exit_at_end || host_.now() - time_zero < longest_start;
  if (view_.is_ready() || !waits || ending_) return resume();
  host_.after(readiness_check, [this] { await_readiness(); });
}

void NodeSession::watch_counterparts() {
  const Time now = host_.now();
  for (const Counterpart& counterpart : view_.counterparts(now)) {
    const bool is_silent = now - counterpart.heard >= counterpart.patience;
    if (!counterpart.host_name.empty())
      is_silent ? names_.look_up(counterpart.host_name) : names_.forget(counterpart.host_name);
    if (is_silent && silent_.insert(counterpart.name).second)
      output_.trouble(now, "no-answer",
                      "no answer from " + counterpart.name + " for " +
                          scenarios::show_duration(static_cast<double>(counterpart.patience.count())) +
                          "; is it running, and has it this key?");
    if (!is_silent && silent_.erase(counterpart.name) > 0) output_.answers(now, counterpart.name);
  }
  if (view_.is_ready()) ready_ = now;
  if (loses_patience()) return;
  host_.after(counterpart_check, [this] { watch_counterparts(); });
}

bool NodeSession::loses_patience() {
  if (!options_.exit_at_end || host_.now() - ready_ < options_.patience || !view_.hosted_node().is_running())
    return false;
  refuse("unreachable", "nobody answered for " +
                            scenarios::show_duration(static_cast<double>(options_.patience.count())) +
                            ", and so the node leaves; --patience DURATION lets it wait longer");
  ending_ = true;
  leave();
  return true;
}

// A view that knows its tasks reports which of them failed. Otherwise all waiting requests count as failed.
void NodeSession::note_failure() noexcept {
  failed_ = true;
  if (current_ != nullptr) current_->failed = true;
  for (OpenRequest& open : requests_) open.failed = open.failed || !open.tasks;
}

void NodeSession::refuse(std::string_view code, std::string_view sentence) {
  note_failure();
  output_.refusal(host_.now(), code, sentence);
}

void NodeSession::take_commands() {
  while (!paused_ && view_.hosted_node().is_running()) {
    auto line = next_line();
    if (!line) break;
    handle_command(*line);
  }
  if (!input_ || !view_.hosted_node().is_running()) return;
  input_->listen(!paused_ && !input_->at_end());
  if (!paused_ && input_->at_end()) handle_end();
}

// A user who ends the input of a terminal wants to leave; a service whose input is empty wants to stay.
void NodeSession::handle_end() {
  if (ending_) return;
  if (!options_.exit_at_end && !input_->is_terminal()) return;
  ending_ = true;
  pause_until_idle();
}

void NodeSession::handle_command(const std::string& line) {
  const auto [word, rest] = typed_in(line);
  if (word.empty()) return;
  const Verb* own = find_verb(view_.verbs(), word);
  const Verb* verb = own != nullptr ? own : find_verb(builtin_verbs, word);
  if (verb != nullptr && *verb->arguments == '\0' && !rest.empty())
    return refuse("usage",
                  std::string(verb->name) + " takes no arguments; remove '" + analysis::one_line(rest, 60) + "'");
  if (own != nullptr) {
    leaving_ = leaving_ || own->leaves;
    view_.command(own->name + (rest.empty() ? "" : " " + rest));
    for (const std::string& task : view_.tasks().value_or(std::vector<std::string>())) begun_.insert(task);
    return;
  }
  if (handle_builtin(word, rest)) return;
  if (view_.takes_any_command()) return view_.command(word + (rest.empty() ? "" : " " + rest));
  std::vector<std::string> names;
  for (const auto verbs : {view_.verbs(), std::span<const Verb>(builtin_verbs)})
    for (const Verb& known : verbs) names.emplace_back(known.name);
  const std::string nearest = scenarios::nearest_word(word, names);
  refuse("unknown-command", "Unknown command '" + analysis::one_line(word, 60) + "'; " +
                                (nearest.empty() ? "type help for the list" : "did you mean '" + nearest + "'?"));
}

bool NodeSession::handle_builtin(const std::string& word, const std::string& rest) {
  if (is_same_word(word, "help")) {
    output_.help(builtin_verbs, view_.verbs());
  } else if (is_same_word(word, "status")) {
    output_.status(host_.now(), view_.status());
  } else if (is_same_word(word, "peers")) {
    output_.peers(host_.now(), view_.peers());
  } else if (is_same_word(word, "wait")) {
    pause_until_idle();
  } else if (is_same_word(word, "sleep")) {
    const auto duration = scenarios::parse_duration(rest);
    if (duration)
      pause_for(*duration);
    else
      refuse("usage", "'" + rest + "' is not " + std::string(scenarios::expected_duration));
  } else {
    return false;
  }
  return true;
}

// A request is answered when everything that it started is done.
void NodeSession::handle_request(const NodeControl::Request& request) {
  if (requests_.size() == NodeControl::maximum_requests)
    return control_->refuse(request, "busy", "too many requests are under way; wait for answers");
  OpenRequest open{.request = request};
  current_ = &open;
  const auto before = view_.tasks();
  const auto [word, rest] = typed_in(request.command);
  const bool waits = is_same_word(word, "wait") && rest.empty();
  const bool is_builtin = find_verb(view_.verbs(), word) == nullptr && !waits;
  if (is_same_word(word, "sleep"))
    refuse("usage", "sleep is for scripts");
  else if (!waits)
    handle_command(request.command);
  current_ = nullptr;
  open.tasks = view_.tasks();
  if (is_builtin) open.tasks.emplace().clear();
  if (before && open.tasks && !waits)
    std::erase_if(*open.tasks, [&](const std::string& task) {
      return std::find(before->begin(), before->end(), task) != before->end();
    });
  requests_.push_back(std::move(open));
  if (requests_.size() == 1 || !is_under_way(requests_.back())) answer_requests();
}

bool NodeSession::is_under_way(const OpenRequest& open) const {
  if (!view_.hosted_node().is_running()) return false;
  if (!open.tasks) return view_.is_busy();
  const auto tasks = view_.tasks();
  return std::any_of(open.tasks->begin(), open.tasks->end(), [&](const std::string& task) {
    return std::find(tasks->begin(), tasks->end(), task) != tasks->end();
  });
}

void NodeSession::answer_requests() {
  std::erase_if(requests_, [&](const OpenRequest& open) {
    if (is_under_way(open)) return !control_->has_client(open.request.client);
    const auto failed = [&](const std::string& task) { return !view_.is_done(task); };
    control_->answer(open.request,
                     open.failed || (open.tasks && std::any_of(open.tasks->begin(), open.tasks->end(), failed)));
    return true;
  });
  if (std::exchange(answers_later_, !requests_.empty()) || requests_.empty()) return;
  host_.after(idle_check, [this] {
    answers_later_ = false;
    answer_requests();
  });
}

// Tasks that somebody else paused or cancelled have not succeeded, although no failure is reported.
void NodeSession::judge_tasks() {
  for (const std::string& task : std::exchange(begun_, {}))
    if (view_.hosted_node().is_running() && !view_.is_done(task)) failed_ = true;
}

void NodeSession::pause_until_idle() {
  paused_ = true;
  host_.after(idle_check, [this] {
    if (view_.hosted_node().is_running() && view_.is_busy()) return pause_until_idle();
    judge_tasks();
    resume();
  });
}

void NodeSession::pause_for(Duration duration) {
  paused_ = true;
  host_.after(duration, [this] { resume(); });
}

void NodeSession::resume() {
  if (!std::exchange(is_announced_, true)) tell_service_manager("READY=1");
  paused_ = false;
  if (!ending_) return take_commands();
  leave();
}

void NodeSession::leave() {
  leaving_ = true;
  tell_service_manager("STOPPING=1");
  view_.hosted_node().leave();
}

}  // namespace peerbed::app

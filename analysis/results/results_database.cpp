#include "analysis/results/results_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {
namespace {

constexpr const char* format = "1";  // version of the tables

// Quotes a name for SQL.
std::string sql_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

// The columns that name a point, one per parameter, for a SELECT or a definition.
std::string columns_of(const std::vector<std::string>& parameters) {
  std::string columns;
  for (const std::string& name : parameters) columns += sql_name("parameter." + name) + ", ";
  return columns;
}

class Database {
 public:
  Database(const std::string& file, int flags) : file_(file) {
    if (sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr) == SQLITE_OK) return;
    const std::string why = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
    sqlite3_close(handle_);
    throw std::runtime_error(file + ": cannot be opened: " + why);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql) { check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr)); }
  void check(int code) const {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
      throw std::runtime_error(file_ + ": " + sqlite3_errmsg(handle_));
  }
  sqlite3* handle() const noexcept { return handle_; }

 private:
  std::string file_;
  sqlite3* handle_ = nullptr;
};

// A prepared statement: bind values in order, step, and repeat.
class Statement {
 public:
  Statement(const Database& database, const std::string& sql) : database_(database) {
    database.check(sqlite3_prepare_v2(database.handle(), sql.c_str(), -1, &handle_, nullptr));
  }
  ~Statement() { sqlite3_finalize(handle_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(const std::string& text) {
    database_.check(
        sqlite3_bind_text(handle_, ++bound_, text.c_str(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
    return *this;
  }
  Statement& bind(double value) {
    database_.check(sqlite3_bind_double(handle_, ++bound_, value));
    return *this;
  }
  // SQLite's integers are signed; larger values are clamped to the maximum.
  Statement& bind(std::uint64_t value) {
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<sqlite3_int64>::max());
    database_.check(sqlite3_bind_int64(handle_, ++bound_, static_cast<sqlite3_int64>(std::min(value, largest))));
    return *this;
  }
  void run() {
    database_.check(sqlite3_step(handle_));
    database_.check(sqlite3_reset(handle_));
    bound_ = 0;
  }

  bool next() {
    const int code = sqlite3_step(handle_);
    database_.check(code);
    return code == SQLITE_ROW;
  }
  std::string text(int column) const {
    if (sqlite3_column_type(handle_, column) == SQLITE_FLOAT) return exact_text(number(column));
    const unsigned char* text = sqlite3_column_text(handle_, column);
    return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
  }
  double number(int column) const { return sqlite3_column_double(handle_, column); }
  std::uint64_t count(int column) const { return static_cast<std::uint64_t>(sqlite3_column_int64(handle_, column)); }

 private:
  const Database& database_;
  sqlite3_stmt* handle_ = nullptr;
  int bound_ = 0;
};

std::string link_columns_for(std::string_view type) {
  std::string columns;
  for (const LinkColumn& column : link_columns) columns.append(", ").append(column.name).append(type);
  return columns;
}

std::string tables_for(const std::vector<std::string>& parameters) {
  std::string shown;  // the parameters as columns of the view
  for (const std::string& name : parameters)
    shown += "runs." + sql_name("parameter." + name) + " AS " + sql_name(column_of(name)) + ", ";
  return "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);"
         "CREATE TABLE parameters (position INTEGER PRIMARY KEY, name TEXT NOT NULL);"
         "CREATE TABLE runs (run INTEGER PRIMARY KEY, " +
         columns_of(parameters) +
         "seed INTEGER NOT NULL, digest TEXT NOT NULL, events INTEGER NOT NULL, good INTEGER NOT NULL);"
         "CREATE TABLE metrics (id INTEGER PRIMARY KEY, metric TEXT NOT NULL UNIQUE, unit TEXT NOT NULL,"
         " better TEXT NOT NULL);"
         "CREATE TABLE samples (run INTEGER NOT NULL, metric INTEGER NOT NULL, value REAL NOT NULL,"
         " PRIMARY KEY (run, metric)) WITHOUT ROWID;"
         "CREATE TABLE distributions (run INTEGER NOT NULL, quantity TEXT NOT NULL, at_most INTEGER NOT NULL,"
         " count INTEGER NOT NULL, PRIMARY KEY (run, quantity, at_most)) WITHOUT ROWID;"
         "CREATE TABLE links (run INTEGER NOT NULL, link TEXT NOT NULL, utilisation REAL NOT NULL" +
         link_columns_for(" INTEGER NOT NULL") +
         ", PRIMARY KEY (run, link)) WITHOUT ROWID;"
         "CREATE VIEW results AS SELECT (SELECT value FROM about WHERE key = 'scenario') AS scenario, " +
         shown +
         "runs.seed AS seed, metrics.metric AS metric, samples.value AS value, metrics.unit AS unit,"
         " metrics.better AS better FROM samples JOIN runs ON runs.run = samples.run"
         " JOIN metrics ON metrics.id = samples.metric ORDER BY runs.run, metrics.metric;";
}

std::string insertion_into(const std::string& table, std::size_t columns) {
  std::string placeholders = "?";
  for (std::size_t i = 1; i < columns; ++i) placeholders += ", ?";
  return "INSERT INTO " + table + " VALUES (" + placeholders + ")";
}

}  // namespace

struct DatabaseWriter::State {
  State(const std::string& file, const SweepHeader& header)
      : database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {
    database.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;" + tables_for(header.parameters));
    Statement about(database, "INSERT INTO about VALUES (?, ?)");
    about.bind(std::string("format")).bind(std::string(format)).run();
    about.bind(std::string("scenario")).bind(header.scenario).run();
    about.bind(std::string("scenario_digest")).bind(header.scenario_digest).run();
    about.bind(std::string("peerbed")).bind(header.version).run();
    Statement parameter(database, "INSERT INTO parameters VALUES (?, ?)");
    for (std::size_t i = 0; i < header.parameters.size(); ++i)
      parameter.bind(std::uint64_t{i}).bind(header.parameters[i]).run();
    run.emplace(database, insertion_into("runs", header.parameters.size() + 5));
    metric.emplace(database, "INSERT INTO metrics VALUES (?, ?, ?, ?)");
    sample.emplace(database, "INSERT INTO samples VALUES (?, ?, ?)");
    bar.emplace(database, "INSERT INTO distributions VALUES (?, ?, ?, ?)");
    link.emplace(database, insertion_into("links", 3 + link_columns.size()));
  }

  std::uint64_t id_of(const std::string& name, const Metric& of) {
    const auto [entry, is_new] = metrics.emplace(name, metrics.size());
    if (is_new)
      metric->bind(entry->second)
          .bind(name)
          .bind(std::string(word_of(of.unit)))
          .bind(std::string(word_of(of.better)))
          .run();
    return entry->second;
  }

  Database database;
  std::optional<Statement> run, metric, sample, bar, link;
  std::map<std::string, std::uint64_t> metrics;
  std::uint64_t runs = 0;
};

DatabaseWriter::DatabaseWriter(const std::string& file, const SweepHeader& header)
    : state_(std::make_unique<State>(file, header)) {}
DatabaseWriter::~DatabaseWriter() = default;

void DatabaseWriter::add(const UnitResult& unit) {
  State& state = *state_;
  const std::uint64_t number = state.runs++;
  state.run->bind(number);
  for (const std::string& value : unit.values) {
    // Store numbers as numbers, so that they can be plotted and sorted.
    const auto number_in = exact_number(value);
    if (number_in && *number_in >= 0 && *number_in < 9e15 && *number_in == std::floor(*number_in))
      state.run->bind(static_cast<std::uint64_t>(*number_in));
    else if (number_in)
      state.run->bind(*number_in);
    else
      state.run->bind(value);
  }
  state.run->bind(unit.seed).bind(unit.digest).bind(unit.events).bind(std::uint64_t{unit.good}).run();
  for (const auto& [name, metric] : unit.metrics.all())
    state.sample->bind(number).bind(state.id_of(name, metric)).bind(metric.value).run();
  for (const auto& [name, bars] : unit.distributions)
    for (const Bar& bar : bars) state.bar->bind(number).bind(name).bind(bar.at_most).bind(bar.count).run();
  if (!unit.links) return;
  for (const LinkRow& row : *unit.links) {
    state.link->bind(number).bind(row.link).bind(row.utilisation);
    for (const LinkColumn& column : link_columns) state.link->bind(row.*column.field);
    state.link->run();
  }
}

void DatabaseWriter::close() { state_->database.run("COMMIT"); }

SweepResults read_database(const std::string& file) {
  const Database database(file, SQLITE_OPEN_READONLY);
  SweepHeader header;
  Statement about(database, "SELECT key, value FROM about");
  while (about.next()) {
    if (about.text(0) == "format" && about.text(1) != format)
      throw std::runtime_error(file + ": was written by another version of the program; run the sweep again");
    if (about.text(0) == "scenario") header.scenario = about.text(1);
    if (about.text(0) == "scenario_digest") header.scenario_digest = about.text(1);
    if (about.text(0) == "peerbed") header.version = about.text(1);
  }
  Statement parameter(database, "SELECT name FROM parameters ORDER BY position");
  while (parameter.next()) header.parameters.push_back(parameter.text(0));
  const auto columns = static_cast<int>(header.parameters.size());
  const std::string point_columns = columns_of(header.parameters);
  SweepResults results(std::move(header));
  const auto values_in = [&](const Statement& row) {
    std::vector<std::string> values;
    for (int i = 0; i < columns; ++i) values.push_back(row.text(i));
    return values;
  };

  Statement runs(database, "SELECT " + point_columns + "run, seed, digest, events, good FROM runs ORDER BY run");
  Statement samples(database,
                    "SELECT run, metrics.metric, value, unit, better FROM samples JOIN metrics ON id = samples.metric"
                    " ORDER BY run");
  bool more = samples.next();
  while (runs.next()) {
    UnitResult unit;
    unit.values = values_in(runs);
    unit.seed = runs.count(columns + 1);
    unit.digest = runs.text(columns + 2);
    unit.events = runs.count(columns + 3);
    unit.good = runs.count(columns + 4) != 0;
    for (; more && samples.count(0) == runs.count(columns); more = samples.next())
      unit.metrics.set(samples.text(1),
                       Metric{samples.number(2), unit_of(samples.text(3)), better_of(samples.text(4))});
    results.add(unit);
  }

  std::map<std::pair<std::size_t, std::string>, std::vector<Bar>> pooled;
  Statement bars(database, "SELECT " + point_columns +
                               "quantity, at_most, sum(count) FROM distributions JOIN runs"
                               " USING (run) GROUP BY " +
                               point_columns +
                               "quantity, at_most"
                               " ORDER BY min(run), quantity, at_most");
  while (bars.next())
    pooled[{results.point_of(values_in(bars)), bars.text(columns)}].push_back(
        {bars.count(columns + 1), bars.count(columns + 2)});
  for (auto& [key, of_key] : pooled) {
    std::sort(of_key.begin(), of_key.end(), [](const Bar& a, const Bar& b) { return a.at_most < b.at_most; });
    results.add_distribution(key.first, key.second, std::move(of_key));
  }
  return results;
}

}  // namespace peerbed::analysis

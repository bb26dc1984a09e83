#include "core/input_tables.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <utility>

#include "base/csv.h"
#include "base/decimal.h"
#include "base/text.h"
#include "core/render.h"

namespace lims::client {
namespace {

using Columns = std::span<const std::string_view>;

// Reads a table and turns each row into a value; `convert` may add problems of its own.
template <typename Value, typename Convert>
Result<std::vector<Value>> ReadTable(std::string_view csv, Columns required, Columns optional,
                                     const Convert& convert) {
  FileProblems problems;
  const CsvTable table = ReadCsv(csv, required, optional, problems);
  std::vector<Value> values;
  for (const CsvRow& row : table.rows) {
    const auto text = [&table, &row](std::string_view column) -> const std::string& {
      return table.At(row, column).text;
    };
    const auto problem = [&](std::string_view column, std::string description) {
      const CsvField& field = table.At(row, column);
      problems.Add(field.line, field.column, std::move(description));
    };
    values.push_back(convert(text, problem));
  }
  if (!problems.empty()) return std::move(problems).ToError();
  return values;
}

template <typename Text, typename Problem>
void RequireTexts(Columns columns, const Text& text, const Problem& problem) {
  for (const std::string_view column : columns) {
    if (text(column).empty()) problem(column, "the " + std::string(column) + " is missing");
  }
}

// Gathers what the text format's parser has to say.
class TextProblems : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    problems_.Add(line + 1, column + 1, message);
  }
  FileProblems& problems() { return problems_; }

 private:
  FileProblems problems_;
};

}  // namespace

Result<std::vector<v1::RunPosition>> ParseRunMap(std::string_view csv) {
  constexpr std::array<std::string_view, 2> kRequired = {"position", "role"};
  constexpr std::array<std::string_view, 5> kOptional = {"sample", "target", "file_name",
                                                         "dilution", "omit_reason"};
  return ReadTable<v1::RunPosition>(csv, kRequired, kOptional, [](auto text, auto problem) {
    v1::RunPosition position;
    v1::PositionRole role = v1::POSITION_ROLE_UNSPECIFIED;
    if (!ParseEnumName(text("role"), &role)) {
      problem("role", "the role is one of " + EnumNames(*v1::PositionRole_descriptor()));
    }
    if (text("position").empty()) problem("position", "the position is missing");
    if (role == v1::POSITION_ROLE_SAMPLE && text("sample").empty()) {
      problem("sample", "a position with the role SAMPLE needs a sample");
    }
    position.set_position(text("position"));
    position.set_role(role);
    position.set_sample_id(text("sample"));
    position.set_target(text("target"));
    position.set_file_name(text("file_name"));
    position.set_dilution(text("dilution"));
    position.set_omit_reason(text("omit_reason"));
    return position;
  });
}

Result<std::vector<v1::ReadingEntry>> ParseReadings(std::string_view csv) {
  constexpr std::array<std::string_view, 2> kRequired = {"position", "value"};
  constexpr std::array<std::string_view, 3> kOptional = {"unit", "target", "description"};
  return ReadTable<v1::ReadingEntry>(csv, kRequired, kOptional, [](auto text, auto problem) {
    if (text("position").empty()) problem("position", "the position is missing");
    if (text("value").empty()) problem("value", "the value is missing; blank is not zero");
    v1::ReadingEntry entry;
    entry.set_position(text("position"));
    entry.set_target(text("target"));
    *entry.mutable_value() = ParseMeasuredValue(text("value"), text("unit"));
    entry.set_description(text("description"));
    return entry;
  });
}

Result<std::vector<v1::TypedEntry>> ParseTypedEntries(std::string_view csv) {
  constexpr std::array<std::string_view, 2> kRequired = {"line", "value"};
  constexpr std::array<std::string_view, 3> kOptional = {"replicate", "unit", "description"};
  std::map<std::string, int> counts;
  return ReadTable<v1::TypedEntry>(csv, kRequired, kOptional, [&](auto text, auto problem) {
    if (text("line").empty()) problem("line", "the line code is missing");
    if (text("value").empty()) problem("value", "the value is missing; blank is not zero");
    v1::TypedEntry entry;
    int replicate = ++counts[text("line")];
    const std::string& number = text("replicate");
    if (!number.empty()) {
      const char* end = number.data() + number.size();
      const auto parsed = std::from_chars(number.data(), end, replicate);
      if (parsed.ec != std::errc() || parsed.ptr != end || replicate < 1) {
        problem("replicate", "the replicate is a whole number from 1");
      }
    }
    entry.set_input(text("line"));
    entry.set_replicate(replicate);
    *entry.mutable_value() = ParseMeasuredValue(text("value"), text("unit"));
    entry.set_description(text("description"));
    return entry;
  });
}

Result<std::vector<v1::SubmitResultRequest>> ParseResultTable(std::string_view csv) {
  constexpr std::array<std::string_view, 3> kRequired = {"lot", "line", "value"};
  constexpr std::array<std::string_view, 4> kOptional = {"sample", "unit", "description", "setup"};
  return ReadTable<v1::SubmitResultRequest>(
      csv, kRequired, kOptional, [&](auto text, auto problem) {
        RequireTexts(kRequired, text, problem);
        v1::SubmitResultRequest request;
        request.set_lot_id(text("lot"));
        request.set_panel(text("line"));
        request.set_sample_id(text("sample"));
        v1::TypedEntry* entry = request.add_entries();
        entry->set_input(text("line"));
        entry->set_replicate(1);
        *entry->mutable_value() = ParseMeasuredValue(text("value"), text("unit"));
        entry->set_description(text("description"));
        std::string_view setup = text("setup");
        while (!setup.empty()) {
          const std::size_t end = std::min(setup.find(';'), setup.size());
          auto value = ParseNamedValue("setup", WithoutBlanks(setup.substr(0, end)));
          if (value) {
            *request.add_setup() = *std::move(value);
          } else {
            problem("setup", WhatIsWrong(value.error()));
          }
          setup.remove_prefix(std::min(end + 1, setup.size()));
        }
        return request;
      });
}

Result<std::vector<v1::FactDeclaration>> ParseFacts(std::string_view csv) {
  constexpr std::array<std::string_view, 3> kRequired = {"fact", "value", "document"};
  return ReadTable<v1::FactDeclaration>(csv, kRequired, {}, [&](auto text, auto problem) {
    RequireTexts(kRequired, text, problem);
    v1::FactDeclaration fact;
    fact.set_fact(text("fact"));
    fact.set_value(text("value"));
    fact.set_document(text("document"));
    return fact;
  });
}

Result<std::vector<v1::AttestationStatement>> ParseAttestations(std::string_view csv) {
  constexpr std::array<std::string_view, 2> kRequired = {"code", "document"};
  return ReadTable<v1::AttestationStatement>(csv, kRequired, {}, [&](auto text, auto problem) {
    RequireTexts(kRequired, text, problem);
    v1::AttestationStatement statement;
    statement.set_code(text("code"));
    statement.set_document(text("document"));
    return statement;
  });
}

v1::MeasuredValue ParseMeasuredValue(std::string_view text, std::string_view unit) {
  v1::MeasuredValue value;
  text = WithoutBlanks(text);
  if (text.starts_with('<') || text.starts_with('>')) {
    value.set_qualifier(text.front() == '<' ? v1::QUALIFIER_LESS_THAN : v1::QUALIFIER_GREATER_THAN);
    text = WithoutBlanks(text.substr(1));
  }
  value.set_value(std::string(text));
  value.set_unit(std::string(WithoutBlanks(unit)));
  return value;
}

v1::MeasuredValue ParseAmount(std::string_view text) {
  text = WithoutBlanks(text);
  const std::size_t end = std::min(text.find_first_not_of("+-0123456789.,"), text.size());
  if (end == 0) return ParseMeasuredValue(text, "");
  return ParseMeasuredValue(text.substr(0, end), text.substr(end));
}

Result<v1::NamedValue> ParseNamedValue(std::string_view option, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    return InvalidArgument(std::string(option), "'" + std::string(text) + "' is not name=value");
  }
  v1::NamedValue value;
  value.set_name(std::string(text.substr(0, equals)));
  const std::string_view rest = WithoutBlanks(text.substr(equals + 1));
  const std::size_t blank = rest.find(' ');
  if (blank != std::string_view::npos && Decimal::Parse(rest.substr(0, blank))) {
    value.set_value(std::string(rest.substr(0, blank)));
    value.set_unit(std::string(WithoutBlanks(rest.substr(blank))));
  } else {
    value.set_value(std::string(rest));
  }
  return value;
}

Result<google::protobuf::RepeatedPtrField<v1::NamedValue>> ParseNamedValues(
    std::string_view option, const std::vector<std::string>& texts) {
  google::protobuf::RepeatedPtrField<v1::NamedValue> values;
  for (const std::string& text : texts) {
    LIMS_ASSIGN_OR_RETURN(*values.Add(), ParseNamedValue(option, text));
  }
  return values;
}

Result<void> ParseTextFile(const std::string& file, std::string_view text,
                           google::protobuf::Message* message) {
  TextProblems problems;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&problems);
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  if (parser.Parse(&input, message)) return {};
  Error error = std::move(problems.problems()).ToError();
  error.message = file + ": " + error.message;
  return error;
}

}  // namespace lims::client

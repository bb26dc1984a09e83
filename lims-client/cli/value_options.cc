#include "cli/value_options.h"

#include "cli/context.h"
#include "core/input_tables.h"

namespace lims::client {

void AddValueOptions(CLI::App* verb, ValueOptions* options, bool with_replicate) {
  CLI::Option* value = verb->add_option("--value", options->value, "Value or observation code");
  verb->add_option("--unit", options->unit, "UCUM code of the value");
  verb->add_option("--description", options->description, "Description of an observation");
  if (with_replicate) {
    verb->add_option("--replicate", options->replicate, "Replicate, from 1")
        ->check(CLI::PositiveNumber);
  }
  verb->add_option("--input", options->input, "Table line,replicate,value,unit,description")
      ->excludes(value);
}

Result<google::protobuf::RepeatedPtrField<v1::TypedEntry>> EntriesOf(const ValueOptions& options,
                                                                     const std::string& line) {
  if (options.input.empty() == options.value.empty()) {
    return InvalidArgument("--value", "give either --value or --input");
  }
  google::protobuf::RepeatedPtrField<v1::TypedEntry> entries;
  if (!options.input.empty()) {
    LIMS_ASSIGN_OR_RETURN(const std::string csv, ReadInput("--input", options.input, kTableMax));
    LIMS_ASSIGN_OR_RETURN(const auto rows, ParseTypedEntries(csv));
    entries.Add(rows.begin(), rows.end());
    return entries;
  }
  v1::TypedEntry* entry = entries.Add();
  entry->set_input(line);
  entry->set_replicate(options.replicate);
  *entry->mutable_value() = ParseMeasuredValue(options.value, options.unit);
  entry->set_description(options.description);
  return entries;
}

}  // namespace lims::client

// The nouns of the command line, one file each.
#ifndef LIMS_CLIENT_CLI_COMMANDS_H_
#define LIMS_CLIENT_CLI_COMMANDS_H_

#include "cli/context.h"

namespace lims::client {

void AddAuthCommands(CLI::App& app, Context& context);
void AddUserCommands(CLI::App& app, Context& context);
void AddTerminalCommands(CLI::App& app, Context& context);
void AddAssayCommands(CLI::App& app, Context& context);
void AddRawCommands(CLI::App& app, Context& context);
void AddMethodCommands(CLI::App& app, Context& context);
void AddSpecCommands(CLI::App& app, Context& context);
void AddLotCommands(CLI::App& app, Context& context);
void AddSampleCommands(CLI::App& app, Context& context);
void AddRunCommands(CLI::App& app, Context& context);
void AddResultCommands(CLI::App& app, Context& context);
// The part of `lims result` that takes a table of many samples.
void AddResultTable(CLI::App* result, Context& context);
// Second entries and amendments.
void AddResultCorrections(CLI::App* result, Context& context);
// What becomes of a received sample.
void AddSampleKeeping(CLI::App* sample, Context& context);
// Following a lot.
void AddLotWatch(CLI::App* lot, Context& context);
// Looks and external certificates of a lot.
void AddLotEvidence(CLI::App* lot, Context& context);
void AddAttestCommand(CLI::App& app, Context& context);
void AddReleaseCommands(CLI::App& app, Context& context);
void AddAuditCommands(CLI::App& app, Context& context);
void AddOutboxCommands(CLI::App& app, Context& context);
void AddClockCommands(CLI::App& app, Context& context);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CLI_COMMANDS_H_

#include "core/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/site.h"
#include "support/temporary_folder.h"

namespace lims::client {
namespace {

unsigned Mode(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 0777;
}

TEST(Files, WrittenFilesBelongToTheirOwnerAndLeaveNothingElse) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "a" / "b" / "file";
  EXPECT_FALSE(WriteFileDurably(file, "text"));
  ASSERT_TRUE(MakePrivateFolder(file.parent_path()));
  ASSERT_TRUE(WriteFileDurably(file, "first"));
  ASSERT_TRUE(WriteFileDurably(file, "second"));
  EXPECT_EQ(ReadFile(file).value(), "second");
  EXPECT_EQ(Mode(file), 0600U);
  EXPECT_EQ(Mode(file.parent_path()), 0700U);
  const std::filesystem::directory_iterator files(file.parent_path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
  EXPECT_TRUE(RemoveFileDurably(file));
  EXPECT_TRUE(RemoveFileDurably(file));
  EXPECT_EQ(ReadFile(file).error().reason, ErrorReason::kNotFound);
}

TEST(Files, OversizedFilesAndFoldersAreRefused) {
  const TemporaryFolder folder;
  folder.Write("file", "12345");
  EXPECT_TRUE(ReadFile(folder.path() / "file", 5));
  EXPECT_EQ(ReadFile(folder.path() / "file", 4).error().reason, ErrorReason::kTooLarge);
  EXPECT_FALSE(ReadFile(folder.path()));
}

TEST(Files, SecretThatOthersMayReadIsRefused) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "secret";
  folder.Write("secret", "correct horse battery\n");
  ::chmod(file.c_str(), 0600);
  EXPECT_EQ(ReadSecretFile(file).value(), "correct horse battery");
  for (const mode_t mode : {0640U, 0604U, 0660U, 0610U}) {
    ::chmod(file.c_str(), mode);
    EXPECT_FALSE(ReadSecretFile(file)) << mode;
  }
  folder.Write("empty", "\n");
  ::chmod((folder.path() / "empty").c_str(), 0600);
  EXPECT_FALSE(ReadSecretFile(folder.path() / "empty"));
}

TEST(Site, KeepsOneSessionForEachUser) {
  const TemporaryFolder folder;
  const Site site(folder.path());
  ASSERT_TRUE(MakePrivateFolder(site.folder()));
  EXPECT_EQ(site.ReadSession("u1").value(), std::nullopt);
  ASSERT_TRUE(site.WriteSession("u1", "token-1"));
  ASSERT_TRUE(site.WriteSession("u2", "token-2"));
  EXPECT_EQ(site.ReadSession("u1").value(), "token-1");
  EXPECT_EQ(Mode(site.folder() / "sessions" / "u1"), 0600U);
  EXPECT_EQ(Mode(site.folder() / "sessions"), 0700U);
  ASSERT_TRUE(site.RemoveSession("u1"));
  EXPECT_EQ(site.ReadSession("u1").value(), std::nullopt);
  EXPECT_EQ(site.ReadSession("u2").value(), "token-2");
}

TEST(Site, UserIdNeverLeavesTheSessionsFolder) {
  const TemporaryFolder folder;
  const Site site(folder.path());
  for (const char* user : {"../checkpoint", "a/b", "", ".."}) {
    EXPECT_FALSE(site.WriteSession(user, "token")) << user;
    EXPECT_FALSE(site.ReadSession(user)) << user;
  }
}

TEST(Site, FolderWithoutTerminalIsRefusedByName) {
  const TemporaryFolder folder;
  const Site site(folder.path());
  EXPECT_EQ(site.ReadIdentity().error().reason, ErrorReason::kInvalidArgument);
  ASSERT_TRUE(site.WriteIdentity({"ca", "certificate", "key", "localhost:1"}, "vkey"));
  const TerminalIdentity identity = site.ReadIdentity().value();
  EXPECT_EQ(identity.ca_pem, "ca");
  EXPECT_EQ(identity.certificate_pem, "certificate");
  EXPECT_EQ(identity.key_pem, "key");
  EXPECT_EQ(identity.server, "localhost:1");
  EXPECT_EQ(site.ReadVkey().value(), "vkey");
  EXPECT_EQ(Mode(site.folder() / "terminal.key"), 0600U);
}

}  // namespace
}  // namespace lims::client

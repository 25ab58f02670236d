using System.Net.Mail;
using System.Text.Json;
using LlmObserve.Mail.Tests.Harness;
using LlmObserve.Testing;

namespace LlmObserve.Mail.Tests;

public sealed class MailFilesTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("llmobserve-mail-test-").FullName;
    private readonly FakeClock _clock = new();
    private readonly LogLines<MailFiles> _log = new();

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private string Folder => Path.Combine(_data, "mail");

    private MailFiles Files => new(Folder, new MailAddress("llmobserve@localhost"), _clock, _log);

    [Fact]
    public async Task Deliver_Mail_IsAFileThatAMailProgramReads()
    {
        var mail = SmtpMailTests.Mail();

        await Files.DeliverAsync(mail, CancellationToken.None);

        var file = Assert.Single(Directory.GetFileSystemEntries(Folder));
        Assert.Equal($"20250611T120000.0000000Z-PasswordReset-{mail.Id:N}.eml", Path.GetFileName(file));
        var read = JsonDocument.Parse(await Node.ReadMailAsync(await File.ReadAllTextAsync(file))).RootElement;
        Assert.Equal(mail.Subject, read.GetProperty("subject").GetString());
        Assert.Equal(mail.To, read.GetProperty("to")[0].GetString());
        Assert.Equal(mail.Text.ReplaceLineEndings("\n").Trim(), read.GetProperty("text").GetString()!.Trim());
        Assert.Equal(mail.Html!.ReplaceLineEndings("\n").Trim(), read.GetProperty("html").GetString()!.Trim());
        Assert.Equal($"A mail (PasswordReset) is in {Path.GetFileName(file)} ", Assert.Single(_log.Lines).Text);
    }

    [Fact]
    public async Task Deliver_Mail_IsTheOwnersAlone()
    {
        await Files.DeliverAsync(SmtpMailTests.Mail(), CancellationToken.None);

        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(Folder))));
    }

    [Fact]
    public async Task Deliver_MoreThanAreKept_LeavesTheNewest()
    {
        var mails = Enumerable.Range(0, MailFiles.MaxFiles + 3).Select(_ => SmtpMailTests.Mail()).ToList();
        foreach (var mail in mails)
        {
            await Files.DeliverAsync(mail, CancellationToken.None);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        var kept = Directory.GetFiles(Folder).Order(StringComparer.Ordinal).Select(file => Path.GetFileNameWithoutExtension(file).Split('-')[^1]);
        Assert.Equal(mails.Skip(3).Select(mail => mail.Id.ToString("N")), kept);
    }

    [Fact]
    public async Task Deliver_WhatACrashLeftOfTheSameMail_IsReplaced()
    {
        var mail = SmtpMailTests.Mail();
        var left = Directory.CreateDirectory(Path.Combine(Folder, $".{mail.Id:N}"));
        await File.WriteAllTextAsync(Path.Combine(left.FullName, "half.eml"), "half");

        await Files.DeliverAsync(mail, CancellationToken.None);

        Assert.EndsWith($"{mail.Id:N}.eml", Assert.Single(Directory.GetFileSystemEntries(Folder)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliver_NoFolderToBeHad_IsNotTaken()
    {
        await File.WriteAllTextAsync(Folder, "a file where the folder would be");

        var failed = await Assert.ThrowsAsync<MailNotTakenException>(() => Files.DeliverAsync(SmtpMailTests.Mail(), CancellationToken.None));

        Assert.False(failed.IsFinal);
    }
}

using System.Text.RegularExpressions;

namespace LlmObserve.EndToEnd.Tests.Harness;

/// <summary>The mails that a server without a mail server wrote into its data directory.</summary>
internal sealed partial class Mailbox(ServerFolder folder)
{
    private readonly string _path = Path.Combine(folder.Data, "mail");

    /// <summary>Waits for a mail to somebody with a link to a page, and gives the newest such link.</summary>
    public async Task<Uri> LinkAsync(string email, string page)
    {
        Uri? link = null;
        await Wait.UntilAsync(
            async () => (link = await FindAsync(email, page)) is not null, () => $"a mail to {email} with a link to {page}");
        return link!;
    }

    private async Task<Uri?> FindAsync(string email, string page)
    {
        foreach (var file in Files().OrderDescending(StringComparer.Ordinal))
        {
            var mail = Decode(await ReadAsync(file));
            if (mail.Contains(email, StringComparison.OrdinalIgnoreCase)
                && LinkPattern().Matches(mail).Select(match => new Uri(match.Value)).FirstOrDefault(uri => uri.AbsolutePath.StartsWith(page, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Nothing for a mail that made room for newer ones meanwhile.</summary>
    private static async Task<string> ReadAsync(string file)
    {
        try
        {
            return await File.ReadAllTextAsync(file);
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    private string[] Files() => Directory.Exists(_path) ? Directory.GetFiles(_path, "*.eml") : [];

    // Quoted-printable, the way mails are written: "=\r\n" breaks a line that is none, "=3D" is a character.
    private static string Decode(string mail) => QuotedPattern().Replace(
        mail.Replace("=\r\n", "", StringComparison.Ordinal), match => ((char)Convert.ToByte(match.Groups["hex"].Value, 16)).ToString());

    [GeneratedRegex("""https?://[^\s"<>]+""", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex LinkPattern();

    [GeneratedRegex("=(?<hex>[0-9A-F]{2})", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex QuotedPattern();
}

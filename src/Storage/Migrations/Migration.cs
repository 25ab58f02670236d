using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LlmObserve.Storage.Migrations;

/// <summary>One numbered file of a <see cref="MigrationSet"/>.</summary>
/// <param name="Version">The number that its name begins with.</param>
/// <param name="Name">The file's name, <c>0001_accounts.sql</c>.</param>
/// <param name="Sql">Its text, with line feeds only.</param>
public sealed record Migration(int Version, string Name, string Sql)
{
    private const int DigitsInName = 4;

    /// <summary>What the runner remembers of the text, in hexadecimal.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));

    /// <summary>Reads a file's number from its name. A checkout that wrote CR LF is the same file.</summary>
    /// <exception cref="MigrationException">The name does not begin with four digits and an underscore.</exception>
    public static Migration FromFile(string name, string text)
    {
        if (name.Length <= DigitsInName
            || name[DigitsInName] != '_'
            || !int.TryParse(name.AsSpan(0, DigitsInName), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw new MigrationException($"Migration '{name}' must be named NNNN_name.sql.");
        }

        return new Migration(version, name, text.ReplaceLineEndings("\n"));
    }
}

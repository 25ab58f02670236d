using System.Text;
using LlmObserve.Storage.RowSecurity;

namespace LlmObserve.Storage.Migrations;

/// <summary>Migrations that are applied together, in order, and remembered in a history of their own.</summary>
/// <param name="History">The table that holds what was applied.</param>
/// <param name="Migrations">The files, by ascending version.</param>
public sealed record MigrationSet(string History, IReadOnlyList<Migration> Migrations)
{
    /// <summary>The files of <c>sql/</c>, which every database needs.</summary>
    public static MigrationSet Main { get; } = new("schema_migrations", Embedded("sql/"));

    /// <summary>The files of <c>sql/orleans/</c>, which the cluster engine needs besides. Neither set needs the other.</summary>
    public static MigrationSet Cluster { get; } = new("schema_migrations_orleans", Embedded("sql/orleans/"));

    /// <summary>Whether its tables are read and written as <see cref="DatabaseRoles"/>.</summary>
    internal bool NamesRoles => History == Main.History;

    /// <summary>Those of its files that say what these roles may do, and can be run again.</summary>
    internal IReadOnlyList<Migration> RowSecurity =>
        [.. Migrations.Where(file => file.Name.EndsWith("_row_security.sql", StringComparison.Ordinal))];

    /// <summary>The files of one folder, without its subfolders, that this program was built with.</summary>
    private static IReadOnlyList<Migration> Embedded(string folder)
    {
        var assembly = typeof(MigrationSet).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal) && !name[folder.Length..].Contains('/'))
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
                return Migration.FromFile(name[folder.Length..], reader.ReadToEnd());
            })
            .OrderBy(migration => migration.Version)];
    }
}

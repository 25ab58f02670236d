using Npgsql;

namespace LlmObserve.Storage.SharedKeys;

/// <summary>Keys that every process of a cluster must have alike. Whoever stores a name first decides its value, for good.</summary>
public sealed class SharedKeysStore(NpgsqlDataSource db)
{
    /// <summary>The value of a name; <paramref name="first"/> becomes it where there is none yet.</summary>
    public async Task<string> GetOrAddAsync(string name, string first, CancellationToken cancellationToken)
    {
        Add(name, first);
        await using var select = db.CreateCommand("SELECT value FROM shared_keys WHERE name = $1");
        select.Parameters.Add(new() { Value = name });
        return (string)(await select.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Stores a value, unless the name has one. It blocks: ASP.NET Core's data protection asks so.</summary>
    public void Add(string name, string value)
    {
        using var insert = db.CreateCommand("INSERT INTO shared_keys (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
        insert.Parameters.Add(new() { Value = name });
        insert.Parameters.Add(new() { Value = value });
        insert.ExecuteNonQuery();
    }

    /// <summary>The values of all names that begin with <paramref name="prefix"/>. It blocks, like <see cref="Add"/>.</summary>
    public IReadOnlyList<string> List(string prefix)
    {
        using var select = db.CreateCommand("SELECT value FROM shared_keys WHERE starts_with(name, $1) ORDER BY name");
        select.Parameters.Add(new() { Value = prefix });
        using var reader = select.ExecuteReader();
        List<string> values = [];
        while (reader.Read())
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }
}

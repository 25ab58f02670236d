namespace LlmObserve.Silo;

/// <summary>What one process does. By default one does everything; on a cluster the roles can run apart.</summary>
[Flags]
public enum ServerRoles
{
    None = 0,

    /// <summary>Runs grains.</summary>
    Silo = 1,

    /// <summary>Answers HTTP: events, checks, keys.</summary>
    Api = 2,

    /// <summary>Serves the dashboard.</summary>
    Web = 4,

    All = Silo | Api | Web,
}

/// <summary>The words of <c>--roles</c>.</summary>
internal static class ServerRolesText
{
    /// <summary>Reads words between commas.</summary>
    /// <exception cref="StartFailedException">A word is not a role, or there is none.</exception>
    public static ServerRoles Parse(string text)
    {
        var roles = ServerRoles.None;
        List<string> unknown = [];
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var role = word.ToLowerInvariant() switch
            {
                "silo" => ServerRoles.Silo,
                "api" => ServerRoles.Api,
                "web" => ServerRoles.Web,
                _ => ServerRoles.None,
            };
            roles |= role;
            if (role == ServerRoles.None)
            {
                unknown.Add($"'{word}'");
            }
        }

        return unknown.Count > 0
            ? throw new StartFailedException($"--roles knows silo, api and web, not {string.Join(" or ", unknown)}.")
            : roles == ServerRoles.None ? throw new StartFailedException("--roles names no role: use silo, api, web or several between commas.") : roles;
    }
}

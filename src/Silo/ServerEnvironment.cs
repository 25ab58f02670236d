using LlmObserve.Api;
using LlmObserve.Api.Clerk;
using LlmObserve.Mail;
using LlmObserve.Silo.Telemetry;

namespace LlmObserve.Silo;

/// <summary>What the environment says, read as a whole and before anything starts.</summary>
/// <param name="Edge">How the server meets the network.</param>
/// <param name="Collector">Where metrics and traces go.</param>
/// <param name="Mail">Where mails go; files in a process without the API, which sends none.</param>
/// <param name="SignIn">How much one network may try.</param>
/// <param name="Clerk">Null where users sign in by e-mail and password.</param>
internal sealed record ServerEnvironment(EdgeOptions Edge, Collector Collector, MailOptions Mail, SignInLimits SignIn, ClerkOptions? Clerk)
{
    private static readonly string[] s_certificateFiles = ["Path", "KeyPath"];

    /// <summary>Reads it.</summary>
    /// <param name="configuration">Of the process.</param>
    /// <param name="options">What the command line says.</param>
    /// <param name="mailDirectory">The folder of mails that are files.</param>
    /// <exception cref="StartFailedException">Something cannot be meant; the message names all of it, a line each.</exception>
    public static ServerEnvironment Read(IConfiguration configuration, ServerOptions options, string mailDirectory)
    {
        var faults = new List<string>([.. LogLevelFaults(configuration), .. CertificateFaults(configuration)]);
        var sendsMail = options.Roles.HasFlag(ServerRoles.Api);
        var edge = Gather(() => EdgeVariables.Read(Environment.GetEnvironmentVariable));
        var collector = Gather(() => Collector.Read(Environment.GetEnvironmentVariable));
        var mail = sendsMail ? Gather(() => MailOptions.Read(configuration, mailDirectory)) : new MailOptions(null, mailDirectory, null);
        var signIn = sendsMail ? Gather(() => SignInLimits.Read(configuration)) : SignInLimits.Default;
        var clerk = sendsMail ? Gather(() => ClerkSettings.Read(configuration, options.WebUrls)) : null;
        if (!sendsMail && options.Roles.HasFlag(ServerRoles.Web))
        {
            Gather(() => ClerkSettings.Site(configuration));
        }

        Gather(Database.Check);
        return faults.Count == 0
            ? new ServerEnvironment(edge!, collector!, mail!, signIn!, clerk)
            : throw new StartFailedException(string.Join('\n', faults));

        T? Gather<T>(Func<T> read)
            where T : class?
        {
            try
            {
                return read();
            }
            catch (Exception wrong) when (wrong is StartFailedException or MailOptionsException or FormatException)
            {
                faults.Add(wrong.Message);
                return null;
            }
        }
    }

    // The host would end with a page of stack for each of these.
    private static IEnumerable<string> LogLevelFaults(IConfiguration configuration) =>
        from category in configuration.GetSection("Logging:LogLevel").GetChildren()
        where !string.IsNullOrEmpty(category.Value) && !Enum.TryParse<LogLevel>(category.Value, ignoreCase: true, out _)
        select $"Logging__LogLevel__{category.Key} must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}, not '{category.Value}'.";

    private static IEnumerable<string> CertificateFaults(IConfiguration configuration) =>
        from name in s_certificateFiles
        let file = configuration[$"Kestrel:Certificates:Default:{name}"]
        where !string.IsNullOrEmpty(file) && !File.Exists(file)
        select $"Kestrel__Certificates__Default__{name}: there is no file '{file}' that this user may read.";
}

using System.CommandLine;
using System.Net;

namespace LlmObserve.Silo;

/// <summary>The commands of the executable.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var urls = new Option<string>("--urls")
        {
            Description = "The API's address",
            DefaultValueFactory = _ => ServerOptions.Default.Urls,
        };
        var webUrls = new Option<string>("--web-urls")
        {
            Description = "The dashboard's address",
            DefaultValueFactory = _ => ServerOptions.Default.WebUrls,
        };
        var data = new Option<string>("--data")
        {
            Description = "The directory that keeps everything",
            DefaultValueFactory = _ => ServerOptions.Default.Data,
        };
        var roles = new Option<string>("--roles")
        {
            Description = "What this process does",
            DefaultValueFactory = _ => "silo,api,web",
        };
        var apiUrl = new Option<string?>("--api-url") { Description = "Where a dashboard without an API in its process finds one" };
        var address = new Option<IPAddress?>("--cluster-address")
        {
            Description = "Cluster: the address at which other processes reach this one; default: the one from which the database is reached",
            CustomParser = result =>
            {
                if (IPAddress.TryParse(result.Tokens[0].Value, out var parsed))
                {
                    return parsed;
                }

                result.AddError($"--cluster-address must be an IP address, not '{result.Tokens[0].Value}'.");
                return null;
            },
        };
        var siloPort = Port("--silo-port", "Cluster: the port for other silos");
        var gatewayPort = Port("--gateway-port", "Cluster: the port for processes without grains");
        var root = new RootCommand("LLMObserve: what language models cost, as it happens, and caps that hold.")
        {
            urls, webUrls, data, roles, apiUrl, address, siloPort, gatewayPort, PricesCommand.Create(data), HealthCommand.Create(),
        };
        root.SetAction(result => RunCommand.RunAsync(
            () => new ServerOptions(result.GetRequiredValue(urls), result.GetRequiredValue(webUrls), result.GetRequiredValue(data))
            {
                Roles = ServerRolesText.Parse(result.GetRequiredValue(roles)),
                ApiUrl = result.GetValue(apiUrl),
                Endpoint = new ClusterEndpoint(result.GetValue(address), result.GetValue(siloPort), result.GetValue(gatewayPort)),
            }));
        return root;
    }

    private static Option<int> Port(string name, string description)
    {
        var option = new Option<int>(name) { Description = description + "; default: a free one" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > IPEndPoint.MaxPort)
            {
                result.AddError($"{name} must be a port, 1 to {IPEndPoint.MaxPort}, or 0 for a free one.");
            }
        });
        return option;
    }
}

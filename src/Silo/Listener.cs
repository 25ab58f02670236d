using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace LlmObserve.Silo;

/// <summary>An application that listens on addresses of its own: what the API's and the dashboard's have in common.</summary>
internal sealed class Listener
{
    private readonly IReadOnlyList<BindingAddress> _addresses;
    private readonly string _option;

    /// <summary>Prepares one.</summary>
    /// <param name="urls">Its addresses.</param>
    /// <param name="option">The option of the command line that chooses them.</param>
    /// <exception cref="StartFailedException">They cannot be addresses.</exception>
    public Listener(string urls, string option)
    {
        _option = option;
        Builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // The name finds the list of static files, also where another program (a test) hosts us.
            ApplicationName = typeof(Listener).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        _addresses = ListenAddress.ParseAll(urls, Builder.Configuration.GetSection("Kestrel:Certificates:Default").Exists());

        ConfigureLogging(Builder.Logging, Builder.Configuration);
        Builder.WebHost.UseUrls([.. _addresses.Select(address => address.ToString())]);
        // A container image's default ports must not speak against the addresses that were asked for.
        Builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, "");
        Builder.WebHost.UseSetting(WebHostDefaults.HttpsPortsKey, "");
        Builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // One signal stops both applications in their order: see RunCommand.
        Builder.Services.AddSingleton<IHostLifetime, StoppedByServer>();
    }

    public WebApplicationBuilder Builder { get; }

    /// <summary>An application that listens on no address: grains alone.</summary>
    public static HostApplicationBuilder WithoutAddress()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        ConfigureLogging(builder.Logging, builder.Configuration);
        builder.Services.AddSingleton<IHostLifetime, StoppedByServer>();
        return builder;
    }

    public static void ConfigureLogging(ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.ClearProviders();
        logging.Services.TryAddSingleton(TimeProvider.System);
        logging.AddConsole(console => console.FormatterName = LogLine.FormatterName);
        logging.AddConsoleFormatter<LogLine, ConsoleFormatterOptions>();
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Orleans", LogLevel.Warning);
        // It warns that its keys are files that are not encrypted again: the data directory is closed to others.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        logging.AddConfiguration(configuration.GetSection("Logging"));
    }

    /// <summary>Starts <paramref name="app"/>, which was built here, and says where it listens.</summary>
    /// <exception cref="StartFailedException">An address is taken.</exception>
    public async Task<IReadOnlyList<Uri>> StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var address in _addresses.Where(address => address.Port != 0))
            {
                ListenAddress.Try(address);
            }

            await app.StartAsync(cancellationToken);
        }
        catch (Exception refused) when (refused is SocketException or IOException { InnerException: AddressInUseException or SocketException })
        {
            var reason = refused is SocketException { SocketErrorCode: not SocketError.AddressAlreadyInUse } other
                ? $"cannot be listened on ({other.Message})"
                : "is taken by another program";
            throw new StartFailedException(
                $"{string.Join(", ", _addresses)} {reason}. Free it, or choose another address with {_option}.", refused);
        }

        return [.. app.Urls.Select(ListenAddress.Reachable)];
    }

    private sealed class StoppedByServer : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

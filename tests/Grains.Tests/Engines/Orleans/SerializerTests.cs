using LlmObserve.Grains.Interfaces.Accounts;
using LlmObserve.Grains.Tests.Wire;
using LlmObserve.Silo.Engines;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Serialization;

namespace LlmObserve.Grains.Tests.Engines;

/// <summary>Every message goes through the cluster's own serializer and comes back as it was.</summary>
public sealed class SerializerTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSerializer(serializer => serializer.AddAssembly(typeof(IAccountGrain).Assembly))
        .Configure<ExceptionSerializationOptions>(GrainHosting.SendOurs)
        .BuildServiceProvider();

    public static TheoryData<string> Messages
    {
        get
        {
            var contracts = typeof(IAccountGrain).Assembly;
            var stoodFor = WireShape.StoodForBy(contracts);
            return [.. WireShape.MessagesOf(contracts).Where(message => !message.IsAssignableTo(typeof(Exception)))
                .Select(message => stoodFor.GetValueOrDefault(message, message).AssemblyQualifiedName!)];
        }
    }

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_ThereAndBack_IsTheSame(string name)
    {
        var value = Specimen.Of(Type.GetType(name, throwOnError: true)!);

        var back = ThereAndBack(value);

        Assert.IsType(value.GetType(), back);
        Assert.NotSame(value, back);
        Assert.Equal(Specimen.TextOf(value), Specimen.TextOf(back));
    }

    [Fact]
    public void AccountUnavailable_WithWhatTheDatabaseSaid_KeepsBoth()
    {
        var thrown = new AccountUnavailableException("not now", new NpgsqlException("no answer", new IOException("cut")));

        var back = Assert.IsType<AccountUnavailableException>(ThereAndBack(thrown));

        Assert.Equal("not now", back.Message);
        Assert.Equal("no answer", Assert.IsType<NpgsqlException>(back.InnerException).Message);
        Assert.Equal("cut", back.InnerException?.InnerException?.Message);
    }

    private object ThereAndBack(object value) => Serializer.Deserialize<object>(Serializer.SerializeToArray(value))!;
}

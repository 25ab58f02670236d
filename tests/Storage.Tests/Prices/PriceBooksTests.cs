using LlmObserve.Domain.Audit;
using System.Text;
using LlmObserve.Domain.Prices;
using LlmObserve.Storage.Prices;
using LlmObserve.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmObserve.Storage.Tests.Prices;

public sealed class PriceBooksTests : IAsyncLifetime
{
    private readonly StorageDatabase _database = new();

    private PricesStore Store => new(_database.Db);

    public Task InitializeAsync() => _database.InitializeAsync();

    public Task DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task LoadAsync_EmptyDatabase_StoresAndUsesTheShippedBook()
    {
        var books = Books();

        await books.LoadAsync(CancellationToken.None);

        Assert.Equal(ShippedPriceBook.Version, books.Current.Version);
        Assert.Equal(ShippedPriceBook.Load().Entries.Length, books.Current.Entries.Length);
        Assert.Equal(ShippedPriceBook.Version, await Store.GetLatestVersionAsync(CancellationToken.None));
    }

    [Fact]
    public async Task LoadAsync_ManyProcessesAtOnce_AllUseTheSameBook()
    {
        var books = Enumerable.Range(0, 8).Select(_ => Books()).ToList();

        await Task.WhenAll(books.Select(book => book.LoadAsync(CancellationToken.None)));

        Assert.All(books, book => Assert.Equal(ShippedPriceBook.Version, book.Current.Version));
        Assert.Equal(1L, await _database.ScalarAsync<long>("SELECT count(*) FROM price_books"));
    }

    [Fact]
    public async Task RefreshAsync_AnotherProcessImported_UsesTheNewBook()
    {
        var books = Books();
        await books.LoadAsync(CancellationToken.None);
        await InsertAsync(2, Encoding.UTF8.GetString(PriceBookJson.Write(books.Current)));
        Assert.Equal(1, books.Current.Version);

        await books.RefreshAsync(CancellationToken.None);

        Assert.Equal(2, books.Current.Version);
    }

    [Fact]
    public async Task LoadAndRefreshAsync_Measured_SayWhichVersionIsInEffect()
    {
        using var meters = new TestMeters();
        using var measured = new Measurements(meters);
        var books = Books(meters);

        await books.LoadAsync(CancellationToken.None);
        await InsertAsync(2, Encoding.UTF8.GetString(PriceBookJson.Write(books.Current)));
        await books.RefreshAsync(CancellationToken.None);

        Assert.Equal([1, 2], measured.Of("llmobserve.prices.version").Select(version => version.Value));
    }

    [Fact]
    public async Task RefreshAsync_NewBookCannotBeRead_KeepsTheOldOne()
    {
        var books = Books();
        await books.LoadAsync(CancellationToken.None);
        await InsertAsync(2, """{"written":"by a later program"}""");

        await Assert.ThrowsAsync<PriceBookFormatException>(() => books.RefreshAsync(CancellationToken.None));

        Assert.Equal(1, books.Current.Version);
    }

    [Fact]
    public void Current_BeforeLoad_Throws() => Assert.Throws<InvalidOperationException>(() => Books().Current);

    private PriceBooks Books(TestMeters? meters = null) => new(Store, TimeProvider.System, NullLogger<PriceBooks>.Instance, meters);

    private async Task InsertAsync(int version, string book) =>
        Assert.True(await Store.InsertAsync(new PriceBookRow(version, book, "test", TimeProvider.System.GetUtcNow()), Actor.System, CancellationToken.None));
}

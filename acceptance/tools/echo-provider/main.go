// Command echo-provider is a Terraform provider that keeps what it is given: the floor that the
// benchmarks compare with, which a provider on the common Go framework reaches at best.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type echoProvider struct{}

func (echoProvider) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "echo"
}

func (echoProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (echoProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (echoProvider) DataSources(context.Context) []func() datasource.DataSource {
	return nil
}

func (echoProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return echoObject{} }}
}

// echoObject is the resource echo_object.
type echoObject struct{}

// objectModel is the whole of an echo_object.
type objectModel struct {
	Name types.String `tfsdk:"name"`
	Data types.Map    `tfsdk:"data"`
}

func (echoObject) Metadata(_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = request.ProviderTypeName + "_object"
}

func (echoObject) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{Required: true},
			"data": schema.MapAttribute{Optional: true, ElementType: types.StringType},
		},
	}
}

func (echoObject) Create(ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	var planned objectModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &planned)...)
	response.Diagnostics.Append(response.State.Set(ctx, &planned)...)
}

func (echoObject) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (echoObject) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var planned objectModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &planned)...)
	response.Diagnostics.Append(response.State.Set(ctx, &planned)...)
}

func (echoObject) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func main() {
	options := providerserver.ServeOpts{Address: "registry.terraform.io/gpushare/echo"}
	create := func() provider.Provider { return echoProvider{} }
	if err := providerserver.Serve(context.Background(), create, options); err != nil {
		log.Fatal(err)
	}
}
